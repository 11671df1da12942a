// A form that asks for a time zone begins with the one that this browser is in.
for (const select of document.querySelectorAll("select[data-guess=zone]")) {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const isUntouched = select.value === "UTC" && !select.closest("form").querySelector("[aria-invalid]");
  if (isUntouched && [...select.options].some((option) => option.value === zone)) select.value = zone;
}
