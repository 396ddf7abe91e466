"""What every page knows: whose city it is, and the menu of who reads it."""

import pytest
from django.conf import settings
from django.urls import reverse

from gpmb.accounts.models import User
from tests import factories

pytestmark = pytest.mark.django_db


def test_a_new_installation_bears_the_name_of_its_province(client):
    page = client.get(reverse("account_login"))
    assert f"GPMB {settings.PROVINCE.name}" in page.content.decode()
    factories.deployment(city="Quảng Ngãi")
    assert "GPMB Quảng Ngãi" in client.get(reverse("account_login")).content.decode()


def test_the_first_administrator_has_an_administrator_s_menu(client):
    client.force_login(User.objects.create_superuser("dau-tien", password="mat-khau-dai-123"))
    page = client.get(reverse("projects")).content.decode()
    assert f'href="{reverse("reviews")}"' in page
    assert f'href="{reverse("admin:index")}"' in page
    form = client.get(reverse("admin:clearance_deployment_add")).content.decode()
    assert f'value="{settings.PROVINCE.name}"' in form
