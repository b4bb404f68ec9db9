from django.apps import AppConfig


class PostsConfig(AppConfig):
    name = "otklik.posts"
    label = "posts"
