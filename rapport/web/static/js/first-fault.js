// After a refusal the first field at fault has the focus: it is seen, and read out with its error.
document.querySelector("[aria-invalid=true]")?.focus();
