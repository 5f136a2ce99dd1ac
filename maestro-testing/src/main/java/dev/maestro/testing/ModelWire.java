package dev.maestro.testing;

/** The protocols that a {@link ModelServer} speaks. */
public enum ModelWire {
  /** OpenAI's chat completions, {@code POST …/chat/completions}, as JSON and as a stream. */
  CHAT_COMPLETIONS,
  /** OpenAI's responses, {@code POST …/responses}, as JSON and as a stream. */
  RESPONSES,
  /** Anthropic's messages, {@code POST …/messages}, as JSON and as a stream. */
  MESSAGES,
  /** Gemini, {@code POST …/models/NAME:generateContent} and {@code :streamGenerateContent}. */
  GENERATE_CONTENT
}
