from typing import Any

import factory

from yimei.vault import files, keys
from yimei.vault.models import DataKey, StoredFile


class DataKeyFactory(factory.django.DjangoModelFactory[DataKey]):
    class Meta:
        model = DataKey

    @classmethod
    def _create(cls, model_class: type[DataKey], *args: Any, **kwargs: Any) -> DataKey:
        return keys.new_key()


class StoredFileFactory(factory.django.DjangoModelFactory[StoredFile]):
    class Meta:
        model = StoredFile

    key = factory.SubFactory(DataKeyFactory)
    data = b"%PDF-1.7 signed"
    name_hint = "consent.pdf"

    @classmethod
    def _create(cls, model_class: type[StoredFile], *args: Any, **kwargs: Any) -> StoredFile:
        return files.store(kwargs.pop("data"), **kwargs)
