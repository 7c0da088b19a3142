"""`{% load ui %}` brings every tag and filter that screens share."""

from django import template

from yimei.ui.templatetags import basics, charts, fields, formats, lists, records, shell

register = template.Library()
for part in (basics, records, lists, fields, formats, charts, shell):
    register.tags.update(part.register.tags)
    register.filters.update(part.register.filters)
