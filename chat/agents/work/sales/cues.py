"""List the words by which the local engine recognises what is done in a sales conversation, by language.

Phrases match whole words in any case. `*` matches any ending of a word. The lists are short on
purpose: a phrase belongs here if it seldom means anything else in a sales conversation.
"""

import functools
import re
from collections.abc import Mapping

OBJECTION = "Objection"
TECHNIQUES = {
    "Discovery questions": "Open questions find out what the customer needs.",
    "Value proposition": "The benefit for the customer is named.",
    "Social proof": "Other customers are named as evidence.",
    "Urgency": "A limit of time or number asks for a decision now.",
    "Risk reversal": "A trial, a guarantee or a right to cancel takes the risk away.",
    "Pricing": "A price, a discount or a plan is named.",
    "Demonstration": "The product is shown.",
    "Closing": "The customer is asked for a decision or a next step.",
}
STRATEGIES = {
    "Rapport": "The customer is greeted, thanked or addressed as a person.",
    "Acknowledgement": "What the customer says is taken seriously before it is answered.",
    "Summarising": "What was said is repeated in other words.",
    "Stories and examples": "A story, an example or a picture explains a point.",
}
CUES: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "en": {
        "Discovery questions": ("how do you", "how are you currently", "what do you", "what is your", "what are you",
            "what kind of", "tell me about", "which of your", "why do you", "what matters", "how often", "how many",
            "what would"),
        "Value proposition": ("save* you", "saves time", "save time", "save money", "helps you", "help you",
            "so that you can", "which means", "benefit*", "increase* your", "reduce* your", "you will get",
            "you'll get", "return on investment", "more efficient"),
        "Social proof": ("other customers", "our customers", "our clients", "companies like", "teams like",
            "case study", "testimonial*", "reviews", "customers like you", "another customer",
            "one of our customers", "one of our clients"),
        "Urgency": ("only today", "today only", "limited time", "last chance", "before the end of",
            "while stocks last", "offer ends", "expires", "only a few left", "until friday", "this week only",
            "by the end of the"),
        "Risk reversal": ("free trial", "money back", "money-back", "guarantee*", "cancel any time",
            "cancel anytime", "no obligation", "no risk", "refund*", "try it free", "try it for"),
        "Pricing": ("price*", "pricing", "discount*", "per month", "per year", "per user", "dollars", "euros",
            "subscription*", "does it cost"),
        "Demonstration": ("let me show", "i will show", "i'll show", "as you can see", "let's look at",
            "take a look", "here you can"),
        "Closing": ("get started", "next step*", "sign up", "sign the", "shall we", "ready to", "would you like to",
            "schedule a", "book a", "set up a call", "move forward", "does that work for you",
            "send you the contract", "go ahead"),
        "Rapport": ("good morning", "good afternoon", "nice to meet", "great to meet", "how are you",
            "thank you for", "thanks for", "pleasure to", "glad you"),
        "Acknowledgement": ("i understand", "i hear you", "makes sense", "that's fair", "fair point",
            "good question", "great question", "i see your", "you're right", "totally understandable",
            "i appreciate"),
        "Summarising": ("so what you are saying", "so you're saying", "if i understand", "to sum up",
            "in other words", "so to recap", "let me summarise", "let me summarize"),
        "Stories and examples": ("for example", "for instance", "imagine", "let me tell you", "think of",
            "picture this"),
        OBJECTION: ("too expensive", "too much money", "not sure", "can't afford", "cannot afford", "no budget",
            "not in the budget", "don't have the budget", "already have", "already use", "don't need", "do not need",
            "need to think", "think about it", "not interested", "worried", "my concern", "concerned",
            "sounds complicated", "too complicated", "no time", "don't have time", "i doubt", "cheaper", "too long",
            "not convinced", "happy with"),
    },
    "de": {
        "Discovery questions": ("wie machen sie", "was ist ihnen", "was brauchen", "was nutzen sie", "welche",
            "erzählen sie", "wie viele", "wie oft", "warum", "womit arbeiten", "was wünschen"),
        "Value proposition": ("spart ihnen", "sparen sie", "hilft ihnen", "damit sie", "das bedeutet", "vorteil*",
            "nutzen für sie", "sie bekommen", "sie gewinnen", "effizienter"),
        "Social proof": ("andere kunden", "unsere kunden", "firmen wie", "unternehmen wie", "fallstudie*",
            "bewertungen", "ein anderer kunde"),
        "Urgency": ("nur heute", "nur noch", "letzte chance", "begrenzt*", "läuft ab", "bis ende", "bis freitag",
            "solange der vorrat"),
        "Risk reversal": ("kostenlos testen", "testphase", "probezeit", "geld zurück", "garantie*",
            "jederzeit kündigen", "kein risiko", "unverbindlich", "rückgabe*"),
        "Pricing": ("preis*", "rabatt*", "pro monat", "im monat", "pro jahr", "euro", "kostet", "abonnement*"),
        "Demonstration": ("ich zeige ihnen", "zeige ich ihnen", "wie sie sehen", "schauen wir", "sehen sie hier",
            "hier sehen sie"),
        "Closing": ("nächste schritt*", "nächsten schritt*", "sollen wir", "wollen wir", "möchten sie", "vertrag*",
            "termin", "unterschreiben", "legen wir los", "passt das für sie"),
        "Rapport": ("guten morgen", "guten tag", "freut mich", "schön, dass", "wie geht es ihnen", "vielen dank",
            "danke, dass"),
        "Acknowledgement": ("ich verstehe", "das verstehe ich", "kann ich nachvollziehen", "gute frage",
            "da haben sie recht", "sie haben recht", "das stimmt"),
        "Summarising": ("wenn ich sie richtig verstehe", "zusammengefasst", "mit anderen worten",
            "habe ich richtig verstanden"),
        "Stories and examples": ("zum beispiel", "stellen sie sich vor", "beispielsweise",
            "lassen sie mich erzählen"),
        OBJECTION: ("zu teuer", "nicht sicher", "kein budget", "schon einen", "haben bereits", "haben schon",
            "brauchen wir nicht", "brauche ich nicht", "muss ich überlegen", "muss darüber nachdenken",
            "kein interesse", "sorge*", "bedenken", "zu kompliziert", "keine zeit", "billiger", "günstiger",
            "nicht überzeugt"),
    },
    "fr": {
        "Discovery questions": ("comment faites-vous", "de quoi avez-vous besoin", "qu'est-ce que vous",
            "quel est votre", "quels sont vos", "parlez-moi", "combien de", "pourquoi"),
        "Value proposition": ("vous fait gagner", "vous aide", "vous permet", "ce qui veut dire", "avantage*",
            "vous gagnez", "bénéfice*", "plus efficace"),
        "Social proof": ("nos clients", "d'autres clients", "un autre client", "entreprises comme", "étude de cas",
            "témoignage*"),
        "Urgency": ("aujourd'hui seulement", "dernière chance", "offre limitée", "expire", "jusqu'à vendredi",
            "avant la fin"),
        "Risk reversal": ("essai gratuit", "satisfait ou remboursé", "garantie*", "sans engagement", "sans risque",
            "résilier", "rembours*"),
        "Pricing": ("prix", "tarif*", "remise*", "réduction*", "par mois", "par an", "euros", "abonnement*",
            "coûte"),
        "Demonstration": ("je vais vous montrer", "je vous montre", "comme vous voyez", "comme vous le voyez",
            "regardons"),
        "Closing": ("prochaine étape", "on commence", "voulez-vous", "souhaitez-vous", "signer", "contrat",
            "rendez-vous", "êtes-vous prêt*"),
        "Rapport": ("bonjour", "enchanté*", "ravi* de", "comment allez-vous", "merci de", "merci pour"),
        "Acknowledgement": ("je comprends", "bonne question", "vous avez raison", "c'est vrai"),
        "Summarising": ("si je comprends bien", "en résumé", "autrement dit", "pour résumer"),
        "Stories and examples": ("par exemple", "imaginez", "laissez-moi vous raconter"),
        OBJECTION: ("trop cher", "pas sûr*", "pas le budget", "pas de budget", "nous avons déjà", "j'ai déjà",
            "pas besoin", "réfléchir", "pas intéressé*", "inquiet*", "inquiète", "trop compliqué", "pas le temps",
            "moins cher", "pas convaincu*"),
    },
    "es": {
        "Discovery questions": ("cómo hace", "qué necesita", "qué utiliza", "cuál es su", "cuáles son sus",
            "hábleme", "cuántos", "cuántas", "por qué", "qué le gustaría"),
        "Value proposition": ("le ahorra", "le ayuda", "le permite", "lo que significa", "ventaja*", "beneficio*",
            "usted gana", "más eficiente"),
        "Social proof": ("nuestros clientes", "otros clientes", "otro cliente", "empresas como", "caso de éxito",
            "testimonio*"),
        "Urgency": ("solo hoy", "sólo hoy", "última oportunidad", "oferta limitada", "caduca", "hasta el viernes",
            "antes de que termine"),
        "Risk reversal": ("prueba gratis", "prueba gratuita", "devolución", "garantía*", "sin compromiso",
            "sin riesgo", "cancelar"),
        "Pricing": ("precio*", "descuento*", "al mes", "por mes", "al año", "euros", "dólares", "suscripción",
            "cuesta"),
        "Demonstration": ("le muestro", "le voy a mostrar", "como puede ver", "como ve", "veamos"),
        "Closing": ("siguiente paso", "próximo paso", "empezamos", "le gustaría", "firmar", "contrato", "reunión",
            "está listo*"),
        "Rapport": ("buenos días", "buenas tardes", "encantado*", "mucho gusto", "cómo está", "gracias por"),
        "Acknowledgement": ("entiendo", "comprendo", "buena pregunta", "tiene razón"),
        "Summarising": ("si entiendo bien", "en resumen", "en otras palabras"),
        "Stories and examples": ("por ejemplo", "imagine", "déjeme contarle"),
        OBJECTION: ("demasiado caro", "muy caro", "no estoy seguro*", "no estoy segura", "no tenemos presupuesto",
            "sin presupuesto", "ya tenemos", "ya tengo", "no necesito", "no necesitamos", "tengo que pensarlo",
            "no me interesa", "me preocupa", "complicado", "no tengo tiempo", "más barato", "no me convence"),
    },
}  # fmt: skip


@functools.cache
def compile_cues(language: str) -> dict[str, re.Pattern[str]]:
    """Return an expression for each thing that is recognised in a language, ISO 639-1. Empty if none is known."""
    known = CUES.get(language, {})
    return {name: re.compile("|".join(map(_compile, phrases)), re.IGNORECASE) for name, phrases in known.items()}


def _compile(phrase: str) -> str:
    text = re.escape(phrase).replace(r"\*", r"\w*").replace("'", "['’]")
    return rf"(?<!\w){text}(?!\w)"
