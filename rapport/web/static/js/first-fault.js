// After a form was sent, the first field at fault or what came of a trial has the focus: it is seen, and read out.
document.querySelector("[aria-invalid=true], [data-outcome]")?.focus();
