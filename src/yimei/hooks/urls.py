"""Addresses that outside programs call when something happened there."""

from django.urls import path

from yimei.hooks.views import leads, sms

app_name = "hooks"
urlpatterns = [
    path("leads/<uuid:gate_id>/", leads.lead, name="lead"),
    path("sms/reply/", sms.reply, name="sms-reply"),
]
