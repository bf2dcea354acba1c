"""Examples of the API schema: a conversation about one video."""

from videos.api.examples import AFTER, BEFORE, FIRST, SECOND

CONVERSATION_BODY = {"video_ids": [FIRST], "title": "Harbour tour"}
CONVERSATION_CHANGE = {"pinned": True}
CONVERSATION = {
    "id": SECOND,
    "title": "Harbour tour",
    "video_id": FIRST,
    "video_ids": [FIRST],
    "comparison_id": None,
    "collection_id": None,
    "pinned": False,
    "created_at": BEFORE,
    "updated_at": AFTER,
}
QUESTION = {"message": "When does the harbour open?"}
AGENT = {"name": "summary", "description": "Summarise the chosen videos, with the times of what is said."}
MESSAGE = {
    "id": SECOND,
    "conversation_id": SECOND,
    "role": "assistant",
    "content": "These passages may answer your question:\n\n“The harbour opens at six.” [0:47]",
    "status": "complete",
    "chat_type": "video",
    "video_ids": [],
    "metadata": {
        "citations": [{"video_id": FIRST, "start": 47.02, "text": "The harbour opens at six."}],
        "model": "extractive:quotes",
    },
    "created_at": AFTER,
}
PROCESSING = {"status": "processing", "message": "Transcript processing"}
DELETED = {"message": "The conversation was deleted. Restore it with POST /v2/conversations/{id}/restore."}
OUTPUT = {
    "id": SECOND,
    "video_id": FIRST,
    "comparison_id": None,
    "conversation_id": SECOND,
    "collection_id": None,
    "type": "summary",
    "status": "completed",
    "content": "- The harbour opens at six. [0:47]",
    "data": None,
    "metadata": {
        "model": "extractive:quotes",
        "processing_seconds": 0.412,
        "error": None,
        "citations": [{"video_id": FIRST, "start": 47.02, "text": "The harbour opens at six."}],
    },
    "tokens_used": 0,
    "created_at": AFTER,
}
OUTPUT_DELETED = {"message": "The output was deleted. Restore it on the page of outputs."}
TRAINING_BODY = {"title": "Sales calls", "video_ids": [FIRST]}
TRAINING_SET = {
    "id": SECOND,
    "title": "Sales calls",
    "pair_count": 12,
    "accepted_count": 3,
    "deduplication": "completed",
    "created_at": BEFORE,
}
TRAINING_PAIR = {
    "id": SECOND,
    "number": 1,
    "video_id": FIRST,
    "input": "What does it cost per month?",
    "output": "The standard plan costs thirty euros per month.",
    "type": "question_answer",
    "language": "en",
    "start": 35.0,
    "end": 45.0,
    "model": "extractive:quotes",
    "status": "accepted",
    "duplicate_of": None,
    "is_edited": False,
    "version": 2,
    "updated_at": AFTER,
}
TRAINING_CHANGE = {"status": "accepted"}
TRAINING_DELETED = {"message": "The training set was deleted. Restore it on the page of training sets."}
