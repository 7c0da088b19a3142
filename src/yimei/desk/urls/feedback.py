"""Addresses of feedback and improvements."""

from django.urls import URLPattern, path

from yimei.desk.views import feedback, feedback_places, improvements

urlpatterns: list[URLPattern] = [
    path("feedback/", feedback.index, name="feedback"),
    path("feedback/new/", feedback.new, name="feedback-new"),
    path("feedback/places/", feedback_places.places, name="feedback-places"),
    path("feedback/places/<uuid:place_id>/", feedback_places.poster, name="feedback-poster"),
    path("feedback/places/<uuid:place_id>/stop/", feedback_places.stop, name="feedback-place-stop"),
    path("feedback/reviews/", feedback_places.reviews, name="feedback-reviews"),
    path("feedback/<uuid:feedback_id>/", feedback.detail, name="feedback-one"),
    path("feedback/<uuid:feedback_id>/triage/", feedback.triage, name="feedback-triage"),
    path("feedback/<uuid:feedback_id>/note/", feedback.note, name="feedback-note"),
    path("feedback/<uuid:feedback_id>/reply/", feedback.reply, name="feedback-reply"),
    path("feedback/<uuid:feedback_id>/close/", feedback.close, name="feedback-close"),
    path("feedback/<uuid:feedback_id>/void/", feedback.turn, {"act": "void"}, name="feedback-void"),
    path("feedback/<uuid:feedback_id>/reopen/", feedback.turn, {"act": "reopen"}, name="feedback-reopen"),
    path("feedback/<uuid:feedback_id>/link/", feedback.link, name="feedback-link"),
    path(
        "feedback/<uuid:feedback_id>/requests/<uuid:request_id>/",
        feedback.link_request,
        name="feedback-request",
    ),
    path("feedback/<uuid:feedback_id>/improve/", feedback.improve, name="feedback-improve"),
    path("feedback/<uuid:feedback_id>/improve/<uuid:improvement_id>/", feedback.join, name="feedback-join"),
    path("feedback/<uuid:feedback_id>/reveal/", feedback.reveal, name="feedback-reveal"),
    path("improvements/", improvements.index, name="improvements"),
    path("improvements/<uuid:improvement_id>/", improvements.detail, name="improvement"),
    path("improvements/<uuid:improvement_id>/done/", improvements.finish, name="improvement-done"),
    path(
        "improvements/<uuid:improvement_id>/close/",
        improvements.end,
        {"act": "close"},
        name="improvement-close",
    ),
    path(
        "improvements/<uuid:improvement_id>/drop/", improvements.end, {"act": "drop"}, name="improvement-drop"
    ),
    path("improvements/<uuid:improvement_id>/again/", improvements.again, name="improvement-again"),
]
