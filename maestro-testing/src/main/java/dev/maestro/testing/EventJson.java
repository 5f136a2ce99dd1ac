package dev.maestro.testing;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.maestro.agent.AgentEvent;
import java.io.IOException;
import java.time.Instant;

/** Events as members of a JSON object, in cassettes and report lines alike. */
final class EventJson {

  private EventJson() {}

  /** Write the members that tell the event; {@return whether it is one that can be told} */
  static boolean write(JsonGenerator json, AgentEvent event) throws IOException {
    if (event instanceof AgentEvent.Text said) {
      json.writeStringField("text", said.text());
    } else if (event instanceof AgentEvent.Thinking thought) {
      json.writeStringField("thinking", thought.text());
    } else if (event instanceof AgentEvent.ToolUse use) {
      json.writeStringField("tool", use.tool());
      json.writeStringField("id", use.id());
      json.writeStringField("input", use.input());
    } else if (event instanceof AgentEvent.ToolResult result) {
      json.writeStringField("toolResult", result.output());
      json.writeStringField("id", result.id());
      json.writeBooleanField("ok", result.ok());
    } else if (event instanceof AgentEvent.UsageReported usage) {
      json.writeFieldName("usage");
      UsageJson.write(json, usage.total());
    } else if (event instanceof AgentEvent.ContextFilled filled) {
      json.writeNumberField("context", filled.used());
      if (filled.window() != null) {
        json.writeNumberField("window", filled.window());
      }
    } else if (event instanceof AgentEvent.RateLimited limited) {
      Instant until = limited.until();
      json.writeStringField("rateLimited", until == null ? null : until.toString());
    } else {
      return false;
    }
    return true;
  }
}
