"""Pages: how a page of the settings is shown, and how a refusal of an ability comes to stand in its form."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def show(
    request: HttpRequest, name: str, context: Mapping[str, Any], *, status: int = 200
) -> HttpResponse:
    """The page `settings/<name>.html`; 422 when its form has a fault."""
    form = context.get("form")
    if isinstance(form, forms.Form) and form.is_bound and form.errors:
        status = 422
    return render(request, f"settings/{name}.html", dict(context), status=status)


def refuse(form: forms.Form, refusal: Exception, *, field: str | None = None) -> None:
    """Put the words of a refusal beside a field, or above the form."""
    form.add_error(field, str(refusal))
