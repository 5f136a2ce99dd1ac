package dev.maestro.providers;

import dev.maestro.agent.AgentEvent;
import dev.maestro.agent.AgentListener;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/** Remembers what it hears, and may do something about it. */
final class RecordingListener implements AgentListener {

  private final List<AgentEvent> events = new CopyOnWriteArrayList<>();
  private final Consumer<AgentEvent> action;

  RecordingListener() {
    this(event -> {});
  }

  RecordingListener(Consumer<AgentEvent> action) {
    this.action = action;
  }

  @Override
  public void on(AgentEvent event) {
    events.add(event);
    action.accept(event);
  }

  List<AgentEvent> events() {
    return List.copyOf(events);
  }
}
