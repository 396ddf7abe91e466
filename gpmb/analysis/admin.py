"""The weights of the scorecard, in versions."""

from django.contrib import admin

from gpmb.accounts.admin import Page
from gpmb.analysis.scorecard_models import ScoreWeights


@admin.register(ScoreWeights)
class ScoreWeightsPage(Page):
    """A new version is a new row; an old one stays with the scores made by it."""

    may_delete = False
    list_display = ["valid_from", "document", "k1", "k2", "k3", "k4", "k5", "k6", "k7", "k8"]
    autocomplete_fields = ["document"]
