"""The OpenAPI document is true: whatever is sent, the answer is one that it names."""

from __future__ import annotations

import os
from typing import Any

import pytest
import schemathesis
from django.core.wsgi import get_wsgi_application
from django.test import Client
from hypothesis import HealthCheck, given, settings

from rapport.accounts.granting_tokens import grant_token
from rapport.conversations.models import Conversation
from tests.cast import Cast

pytestmark = pytest.mark.django_db
#: Tries for each operation; more by hand, with PYTEST_API_EXAMPLES=500.
EXAMPLES = int(os.environ.get("PYTEST_API_EXAMPLES", "6"))


def document() -> dict[str, Any]:
    answer = Client().get("/api/v1/openapi.json")
    assert answer.status_code == 200
    found: dict[str, Any] = answer.json()
    return found


def test_every_operation_has_a_name_and_names_its_problems() -> None:
    for path, operations in document()["paths"].items():
        for method, operation in operations.items():
            assert operation["operationId"], (method, path)
            assert {"401", "403", "422"} <= set(operation["responses"]), (method, path)


@pytest.mark.django_db(transaction=True)
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.filterwarnings("ignore::ResourceWarning")  # the probe does not close the files it gets
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_whatever_is_sent_the_answer_is_one_that_the_document_names(
    cast: Cast,
) -> None:
    _token, text = grant_token(cast.ada, name="probe", scopes=["*"], by=cast.ada.actor)
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", get_wsgi_application())
    numbers = list(Conversation.objects.values_list("pk", flat=True))

    for operation in schema.get_all_operations():
        case_strategy = operation.ok().as_strategy()

        @settings(
            max_examples=EXAMPLES,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        )
        @given(case=case_strategy)
        def probe(case: Any) -> None:
            if "number" in case.path_parameters and hash(repr(case.query)) % 2:
                case.path_parameters["number"] = numbers[0]
            plainly = {"Authorization": f"Bearer {text}", "Accept-Encoding": "identity"}
            case.headers = {**(case.headers or {}), **plainly}
            response = case.call()
            assert response.status_code < 500, response.text
            case.validate_response(
                response,
                excluded_checks=[
                    schemathesis.checks.ignored_auth,
                    schemathesis.checks.positive_data_acceptance,
                    schemathesis.checks.missing_required_header,
                    schemathesis.checks.unsupported_method,
                    schemathesis.checks.use_after_free,
                    schemathesis.checks.ensure_resource_availability,
                ],
            )

        probe()
