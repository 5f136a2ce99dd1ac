package dev.maestro.langchain4j;

import dev.maestro.agent.AgentEvent;
import dev.maestro.agent.AgentListener;
import dev.maestro.agent.PermissionDecision;
import dev.maestro.agent.PermissionRequest;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/** Remembers what it hears and what it was asked; nobody forbids anything unless told to. */
final class Listening implements AgentListener {

  final List<AgentEvent> events = new CopyOnWriteArrayList<>();
  final List<PermissionRequest> asked = new CopyOnWriteArrayList<>();
  private Consumer<AgentEvent> action = event -> {};
  private String denied = "";

  /** Forbid one tool. */
  Listening denying(String tool) {
    denied = tool;
    return this;
  }

  /** Do this at each event. */
  Listening doing(Consumer<AgentEvent> more) {
    action = more;
    return this;
  }

  @Override
  public void on(AgentEvent event) {
    events.add(event);
    action.accept(event);
  }

  @Override
  public PermissionDecision permit(PermissionRequest request) {
    asked.add(request);
    return request.tool().equals(denied)
        ? PermissionDecision.deny("a rule says so")
        : AgentListener.super.permit(request);
  }

  <E extends AgentEvent> List<E> all(Class<E> type) {
    return events.stream().filter(type::isInstance).map(type::cast).toList();
  }

  String text() {
    StringBuilder all = new StringBuilder();
    all(AgentEvent.Text.class).forEach(text -> all.append(text.text()));
    return all.toString();
  }

  /** {@return what the tools have answered, in order} */
  List<String> results() {
    return all(AgentEvent.ToolResult.class).stream().map(AgentEvent.ToolResult::output).toList();
  }
}
