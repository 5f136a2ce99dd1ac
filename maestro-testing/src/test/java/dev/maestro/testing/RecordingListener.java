package dev.maestro.testing;

import dev.maestro.agent.AgentEvent;
import dev.maestro.agent.AgentListener;
import dev.maestro.agent.PermissionDecision;
import dev.maestro.agent.PermissionRequest;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Remembers what it hears and answers every permission request in the same way. */
final class RecordingListener implements AgentListener {

  private final List<AgentEvent> events = new CopyOnWriteArrayList<>();
  private final PermissionDecision decision;

  RecordingListener() {
    this(PermissionDecision.allow());
  }

  RecordingListener(PermissionDecision decision) {
    this.decision = decision;
  }

  @Override
  public void on(AgentEvent event) {
    events.add(event);
  }

  @Override
  public PermissionDecision permit(PermissionRequest request) {
    return decision;
  }

  List<AgentEvent> events() {
    return List.copyOf(events);
  }
}
