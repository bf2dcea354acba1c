"""Sales conversations in several languages, and the answers of a model to them."""

import json

from tests.chat.agents.tasks import build_subject

ENGLISH = (
    "Good morning and thank you for taking the time today.",
    "How do you manage your bookings at the moment?",
    "We write everything into a large paper book at the front desk.",
    "How often does somebody enter a booking twice?",
    "That happens about four times a week in the summer.",
    "Our booking calendar saves you that work because it refuses a double booking.",
    "One of our customers in Lisbon stopped losing guests within a month.",
    "What would the calendar cost us every month?",
    "The price is thirty euros per month for the whole house.",
    "To be honest, that is too expensive for a small hotel like ours.",
    "I understand, and that is a fair point.",
    "One double booking costs you a whole night, so the calendar pays for itself in a week.",
    "I am also worried that my staff will not learn it.",
    "We train everybody in one afternoon, and you can call us on every day of the year.",
    "You can start with a free trial of thirty days and cancel any time.",
    "Would you like to get started with the trial on Monday?",
    "Yes, Monday works for us, please write to anna@example.org about it.",
)
GERMAN = (
    "Guten Tag, schön, dass Sie Zeit für uns haben.",
    "Welche Kasse nutzen Sie in Ihrer Bäckerei im Moment?",
    "Wir nutzen noch eine alte Kasse ohne Anschluss an die Buchhaltung.",
    "Unsere Kasse spart Ihnen jeden Abend eine halbe Stunde Arbeit.",
    "Das ist uns leider zu teuer, weil wir nur zwei Filialen haben.",
    "Der Preis von vierzig Euro pro Monat gilt für alle Filialen zusammen.",
    "Sollen wir nächste Woche einen Termin für die Einrichtung vereinbaren?",
    "Ja, am Dienstag passt es uns am besten nach der Frühschicht.",
)
JAPANESE = (
    "本日はお時間をいただきありがとうございます。",
    "現在どのような予約システムをお使いですか？",
    "紙の台帳に手書きで記入しています。",
    "この製品を使うと二重予約がなくなります。",
    "料金は月額三千円で、すべての部屋に使えます。",
    "導入は一日で終わり、担当者がすべての作業をお手伝いします。",
    "来週から無料で試してみませんか？",
)
ANALYSIS = "### Summary\n\nA hotel is offered a calendar. [0:25] Untrue. [9:59]"
VOICE_PROMPT = "You sell a booking calendar. Ask how bookings are managed. Write to anna@example.org."
STRUCTURED = {
    "analysis_data": {
        "sales_techniques": [{"name": "Social proof", "description": "A customer in Lisbon.", "passage": "[0:30]"}],
        "communication_strategies": [],
        "objection_handling": [{"objection": "Too expensive", "response": "One double booking costs a night."}],
        "key_metrics": [{"name": "Price in euros per month", "value": 30}],
    }
}
QUESTIONS = ("What does the calendar cost?", "How long is the trial?", "Who trains my staff?", "Can I cancel it?")
REPLIES = (
    "Thirty euros per month.",
    "It lasts thirty days.",
    "We train everybody in an afternoon.",
    "Yes, at any time.",
)
EXAMPLES = [
    {"input": question, "output": reply, "type": "question_answer", "passages": ["[0:35]", "[0:40]"]}
    for question, reply in zip(QUESTIONS, REPLIES, strict=True)
]
EXAMPLES.append(
    {
        "input": "That is too expensive for a small hotel.",
        "output": "One double booking costs you a whole night. Write to anna@example.org.",
        "type": "objection_handling",
        "passages": ["[0:45]", "[0:55]"],
    }
)
TRAINING = {"examples": EXAMPLES}


def build_sales_subject(lines=ENGLISH, language="en", **fields):
    known = {"title": "Hotel call", "duration": len(lines) * 5.0, "language": language}
    return build_subject(lines, **{**known, **fields})


def fence(value, info="json"):
    return f"Here it is:\n```{info}\n{value if isinstance(value, str) else json.dumps(value)}\n```\n"


def list_answers(**replaced):
    """Return what a model writes for the four parts. `replaced` has other answers by the type of the output."""
    answers = {
        "sales_analysis": [ANALYSIS],
        "structured_data": [fence(STRUCTURED)],
        "voice_prompt": [VOICE_PROMPT],
        "training_data": [fence(TRAINING)],
    }
    return [answer for kind in answers for answer in replaced.get(kind, answers[kind])]
