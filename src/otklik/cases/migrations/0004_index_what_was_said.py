"""Make everything that was said before findable: entries in the order of time, a thousand at once."""

from heapq import merge

from django.db import migrations

from otklik.common.stems import forms, stems

BATCH = 1000


def index(apps, schema_editor):
    Entry = apps.get_model("channels", "SearchEntry")
    batch = []
    for at, entry in merge(messages(apps, Entry), answers(apps, Entry), key=lambda one: one[0]):
        batch.append(entry)
        if len(batch) == BATCH:
            Entry.objects.bulk_create(batch)
            batch = []
    Entry.objects.bulk_create(batch)


def messages(apps, Entry):
    rows = (
        apps.get_model("channels", "Message")
        .objects.filter(is_ours=False, deleted_at=None)
        .exclude(kind="post")
        .order_by("id")
        .values_list(
            "received_at",
            "id",
            "municipality_id",
            "text",
            "identity__display_name",
            "identity__handle",
            "case_message__case_id",
            "case_message__case__department_id",
        )
    )
    for at, key, city, text, name, handle, case, department in rows.iterator(chunk_size=BATCH):
        yield (
            at,
            Entry(
                municipality_id=city,
                message_id=key,
                case_ref=case,
                scope="_u" if case is None else f"_{department or 0}",
                stems=" ".join(
                    dict.fromkeys([*stems(name or "", handle or "", text), *forms(name or "", handle or "")])
                )
                or "_",
            ),
        )


def answers(apps, Entry):
    rows = (
        apps.get_model("cases", "Answer")
        .objects.filter(state="sent", sent_at__isnull=False)
        .order_by("sent_at", "id")
        .values_list("sent_at", "id", "municipality_id", "text", "case_id", "case__department_id")
    )
    for at, key, city, text, case, department in rows.iterator(chunk_size=BATCH):
        yield (
            at,
            Entry(
                municipality_id=city,
                answer_ref=key,
                case_ref=case,
                scope=f"_{department or 0}",
                stems=" ".join(stems(text)) or "_",
            ),
        )


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0003_fewer_indexes"),
        ("channels", "0005_words_to_search_by"),
    ]

    operations = [migrations.RunPython(index, migrations.RunPython.noop)]
