"""Addresses of figures: dashboards, the explorer, statistics, SQL and the dictionary."""

from django.urls import URLPattern, path

from yimei.desk.views.insight import cleaning, dashboards, explore, imports, sources, sql, statistics

urlpatterns: list[URLPattern] = [
    path("insight/", dashboards.index, name="insight"),
    path("insight/own/", dashboards.own, name="insight-own"),
    path("insight/page/<slug:code>/", dashboards.ready, name="insight-ready"),
    path("insight/mine/<uuid:dashboard_id>/", dashboards.mine, name="insight-mine"),
    path("insight/mine/<uuid:dashboard_id>/share/", dashboards.share, name="insight-share"),
    path("insight/mine/<uuid:dashboard_id>/remove/", dashboards.remove, name="insight-remove"),
    path("insight/tiles/<uuid:tile_id>/remove/", dashboards.unpin, name="insight-unpin"),
    path("insight/explore/", explore.index, name="insight-explore"),
    path("insight/explore/rows/", explore.rows, name="insight-rows"),
    path("insight/explore/download/", explore.download, name="insight-download"),
    path("insight/explore/pin/", explore.pin, name="insight-pin"),
    path("insight/statistics/", statistics.index, name="insight-statistics"),
    path("insight/imports/", imports.index, name="insight-imports"),
    path("insight/imports/template/<slug:code>.xlsx", imports.template, name="insight-import-template"),
    path("insight/imports/<uuid:import_id>/", imports.detail, name="insight-import"),
    path("insight/imports/<uuid:import_id>/columns/", cleaning.columns, name="insight-import-columns"),
    path("insight/imports/<uuid:import_id>/doubts/", cleaning.doubts, name="insight-import-doubts"),
    path("insight/imports/<uuid:import_id>/gaps/", cleaning.gaps, name="insight-import-gaps"),
    path(
        "insight/imports/<uuid:import_id>/gaps/<slug:column>/fill/", cleaning.fill, name="insight-import-fill"
    ),
    path("insight/imports/doubts/<uuid:doubt_id>/settle/", cleaning.settle, name="insight-doubt-settle"),
    path("insight/imports/fillings/<uuid:filling_id>/undo/", cleaning.unfill, name="insight-unfill"),
    path("insight/imports/sources/", sources.index, name="insight-sources"),
    path("insight/imports/sources/<uuid:source_id>/fetch/", sources.ask, name="insight-source-ask"),
    path("insight/imports/sources/<uuid:source_id>/close/", sources.close, name="insight-source-close"),
    path("insight/imports/hosts/", sources.hosts, name="insight-hosts"),
    path("insight/imports/hosts/<uuid:host_id>/remove/", sources.forbid, name="insight-host-forbid"),
    path("insight/imports/quality/", cleaning.quality, name="insight-quality"),
    path("insight/imports/rules/<slug:code>/", cleaning.rules, name="insight-rules"),
    path("insight/imports/rules/<slug:code>/take/", cleaning.take_rules, name="insight-rules-take"),
    path("insight/imports/rules/<slug:code>/drop/", cleaning.drop_rule, name="insight-rules-drop"),
    path("insight/imports/<uuid:import_id>/check/", imports.check, name="insight-import-check"),
    path("insight/imports/<uuid:import_id>/run/", imports.run, name="insight-import-run"),
    path("insight/imports/<uuid:import_id>/undo/", imports.undo, name="insight-import-undo"),
    path("insight/imports/rows/<uuid:row_id>/mend/", imports.mend, name="insight-import-mend"),
    path("insight/imports/rows/<uuid:row_id>/dismiss/", imports.dismiss, name="insight-import-dismiss"),
    path("insight/sql/", sql.index, name="insight-sql"),
    path("insight/dictionary/", sql.dictionary, name="insight-dictionary"),
]
