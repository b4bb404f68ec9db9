from tests.public.conftest import town

__all__ = ["town"]
