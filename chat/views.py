from django.http import HttpRequest, HttpResponse


def conversation_list(request: HttpRequest) -> HttpResponse:
    raise NotImplementedError


def conversation_page(request: HttpRequest, conversation_id) -> HttpResponse:
    raise NotImplementedError
