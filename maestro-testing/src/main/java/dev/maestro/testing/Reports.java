package dev.maestro.testing;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.maestro.agent.AgentEvent;
import dev.maestro.agent.AgentListener;
import dev.maestro.failure.Failure;
import java.io.IOException;
import java.io.PrintStream;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Prints what an agent does the way a command agent reads it: text as lines, everything else as
 * lines that begin with {@code @maestro} and hold a JSON object.
 */
final class Reports implements AgentListener {

  private static final String PREFIX = "@maestro ";

  private final JsonFactory factory = new JsonFactory();
  private final PrintStream out;
  private final @Nullable Failure failure;
  private int texts;

  Reports(PrintStream out, @Nullable Failure failure) {
    this.out = out;
    this.failure = failure;
  }

  @Override
  public void on(AgentEvent event) {
    if (event instanceof AgentEvent.Text said) {
      texts++;
      text(said);
    } else if (event instanceof AgentEvent.SessionStarted started) {
      report(json -> json.writeStringField("session", started.session().value()));
    } else if (event instanceof AgentEvent.Completed completed) {
      result(completed.text());
    } else if (event instanceof AgentEvent.Failed) {
      fail();
    } else if (!(event instanceof AgentEvent.Launched)) {
      report(json -> EventJson.write(json, event));
    }
  }

  private void text(AgentEvent.Text said) {
    if (said.text().contains(PREFIX)) {
      report(json -> EventJson.write(json, said));
    } else {
      said.text().lines().forEach(this::line);
    }
  }

  /** Tell the last words once more where the lines alone would not make them. */
  private void result(String text) {
    boolean plain = text.equals(text.lines().collect(Collectors.joining("\n")));
    if (!plain || texts != (text.isEmpty() ? 0 : 1)) {
      report(json -> json.writeStringField("result", text));
    }
  }

  /** Tell what was recorded; where that is the exit code alone, the exit tells it. */
  private void fail() {
    if (failure != null) {
      report(
          json -> {
            json.writeFieldName("failure");
            FailureJson.write(json, failure);
          });
    }
  }

  private void report(Members members) {
    StringWriter text = new StringWriter();
    try (JsonGenerator json = factory.createGenerator(text)) {
      json.writeStartObject();
      members.write(json);
      json.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    line(PREFIX + text);
  }

  private void line(String line) {
    out.println(line);
    out.flush();
  }

  @FunctionalInterface
  private interface Members {
    void write(JsonGenerator json) throws IOException;
  }
}
