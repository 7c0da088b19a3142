"""The smallest program that has a worker: for the test that kills it."""

import os
from pathlib import Path

from yimei.core.database.config import database_from_url

SECRET_KEY = "only-for-tests"
USE_TZ = True
TIME_ZONE = "Asia/Shanghai"
INSTALLED_APPS = ["django.contrib.contenttypes", "django_q", "yimei.core", "tests.core.killed"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
FOLDER = Path(os.environ["YIMEI_VAR_DIR"])
DATABASES = {
    "default": database_from_url(os.environ.get("DATABASE_URL", ""), sqlite_path=FOLDER / "yimei.sqlite3")
}
Q_CLUSTER = {
    "name": "killed",
    "orm": "default",
    "workers": 1,
    "timeout": 3,
    "retry": 5,
    "poll": 0.1,
    "max_attempts": 5,
    "ack_failures": False,
    "catch_up": False,
}
