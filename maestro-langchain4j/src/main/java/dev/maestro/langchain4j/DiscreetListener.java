package dev.maestro.langchain4j;

import dev.maestro.agent.AgentEvent;
import dev.maestro.agent.AgentListener;
import dev.maestro.agent.PermissionDecision;
import dev.maestro.agent.PermissionRequest;
import dev.maestro.failure.Failure;

/** Passes on what happens in a launch without what must not be repeated; for one thread. */
final class DiscreetListener implements AgentListener {

  private final AgentListener listener;
  private final Discretion discretion;
  private final Discretion.Flow words;
  private final Discretion.Flow thoughts;

  DiscreetListener(AgentListener listener, Discretion discretion) {
    this.listener = listener;
    this.discretion = discretion;
    words = discretion.new Flow();
    thoughts = discretion.new Flow();
  }

  @Override
  public void on(AgentEvent event) {
    if (event instanceof AgentEvent.Text said) {
      think(thoughts.rest());
      say(words.pass(said.text()));
    } else if (event instanceof AgentEvent.Thinking thought) {
      say(words.rest());
      think(thoughts.pass(thought.text()));
    } else {
      tellRest();
      listener.on(discreet(event));
    }
  }

  @Override
  public PermissionDecision permit(PermissionRequest request) {
    tellRest();
    return listener.permit(
        new PermissionRequest(
            discretion.apply(request.tool()),
            discretion.apply(request.input()),
            request.granted()));
  }

  private AgentEvent discreet(AgentEvent event) {
    if (event instanceof AgentEvent.ToolUse use) {
      return new AgentEvent.ToolUse(
          use.id(), discretion.apply(use.tool()), discretion.apply(use.input()));
    } else if (event instanceof AgentEvent.ToolResult result) {
      String output = discretion.apply(result.output());
      return new AgentEvent.ToolResult(result.id(), result.ok(), output);
    } else if (event instanceof AgentEvent.Completed completed) {
      return new AgentEvent.Completed(discretion.apply(completed.text()));
    } else if (event instanceof AgentEvent.Failed failed) {
      return new AgentEvent.Failed(discreet(failed.failure(), discretion));
    }
    return event;
  }

  /** {@return the failure without what must not be repeated} */
  static Failure discreet(Failure failure, Discretion discretion) {
    return new Failure(failure.errorClass(), discretion.apply(failure.message()), failure.until());
  }

  private void tellRest() {
    say(words.rest());
    think(thoughts.rest());
  }

  private void say(String text) {
    if (!text.isEmpty()) {
      listener.on(new AgentEvent.Text(text));
    }
  }

  private void think(String text) {
    if (!text.isEmpty()) {
      listener.on(new AgentEvent.Thinking(text));
    }
  }
}
