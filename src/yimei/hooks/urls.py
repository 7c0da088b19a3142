"""Addresses that outside programs call when something happened there."""

from django.urls import path

from yimei.hooks.views import sms

app_name = "hooks"
urlpatterns = [
    path("sms/reply/", sms.reply, name="sms-reply"),
]
