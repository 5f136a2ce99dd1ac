package dev.maestro.testing;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.maestro.task.Money;
import dev.maestro.task.Usage;
import java.io.IOException;

/** Usage as cassettes and report lines write it. */
final class UsageJson {

  private UsageJson() {}

  static Usage read(Node usage) {
    return new Usage(
        usage.optional("input", Node::number, 0L),
        usage.optional("output", Node::number, 0L),
        usage.optional("cached", Node::number, 0L),
        usage.optional("cost", cost -> cost.as(text -> Money.usd(text.text())), Money.ZERO),
        usage.optional("turns", Node::integer, 0),
        usage.optional("toolCalls", Node::integer, 0),
        false);
  }

  static void write(JsonGenerator json, Usage usage) throws IOException {
    json.writeStartObject();
    json.writeNumberField("input", usage.inputTokens());
    json.writeNumberField("output", usage.outputTokens());
    json.writeNumberField("cached", usage.cachedTokens());
    json.writeStringField("cost", usage.cost().decimal());
    json.writeNumberField("turns", usage.turns());
    json.writeNumberField("toolCalls", usage.toolCalls());
    json.writeEndObject();
  }
}
