"""Call the providers of AI models. Each provider has one module, which takes and returns plain types."""
