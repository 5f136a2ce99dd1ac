package dev.maestro.testing;

import dev.maestro.agent.AgentEvent;
import dev.maestro.agent.AgentReply;
import dev.maestro.agent.PermissionDecision;
import dev.maestro.agent.PermissionRequest;
import dev.maestro.agent.SessionId;
import dev.maestro.failure.ErrorClass;
import dev.maestro.failure.Failure;
import dev.maestro.failure.TransientException;
import dev.maestro.task.Money;
import dev.maestro.task.Usage;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * What a scripted agent does in one launch.
 *
 * <p>Acts happen in the order in which they are written down, and the end comes last: {@code
 * Turn.says("done").writes("A.java", "…").usesTool("test", "{}", "ok")} writes, uses the tool, and
 * then says that it is done. A launch that is cancelled stops before its next act, with a failure
 * {@link ErrorClass#CANCELLED} and unknown usage; what it has written stays. By default a turn uses
 * nothing up ({@link Usage#NONE}), has no session of its own, and a resumed one goes on.
 *
 * <p>Immutable; every method returns another turn.
 */
public final class Turn {

  private final List<Act> acts;
  private final End end;

  private Turn(List<Act> acts, End end) {
    this.acts = List.copyOf(acts);
    this.end = end;
  }

  private record End(
      String text, @Nullable Failure failure, @Nullable Usage usage, @Nullable SessionId session) {

    AgentReply reply(@Nullable SessionId resumed) {
      return new AgentReply(text, failure, usage, session == null ? resumed : session);
    }
  }

  /** {@return it comes to its end and says this last} */
  public static Turn says(String text) {
    return new Turn(List.of(), new End(text, null, Usage.NONE, null));
  }

  /** {@return it comes to its end, says nothing, does nothing, costs nothing} */
  public static Turn nothing() {
    return says("");
  }

  /** {@return it claims to have done everything, and has changed nothing} */
  public static Turn lying() {
    return says("Done. All changes are made and all tests pass.")
        .uses(Usage.of(1_000, 100, Money.usd("0.01")));
  }

  /** {@return it fails} */
  public static Turn failing(Failure failure) {
    Objects.requireNonNull(failure, "failure");
    return new Turn(List.of(), new End("", failure, Usage.NONE, null));
  }

  /** {@return it fails with this kind of error} */
  public static Turn failing(ErrorClass errorClass, String message) {
    return failing(Failure.of(errorClass, message));
  }

  /** {@return its quota is used up until this instant, or nobody knows until when} */
  public static Turn quota(@Nullable Instant until) {
    return failing(new Failure(ErrorClass.QUOTA_EXHAUSTED, "the quota is used up", until));
  }

  /** {@return it works until somebody cancels it or interrupts its thread} */
  public static Turn hanging() {
    return nothing().hangs();
  }

  /** {@return the test's own code, after which it comes to its end and says nothing} */
  public static Turn doing(Script script) {
    return nothing().does(script);
  }

  /** Let it write a file below the workspace, whose directories are made as needed. */
  public Turn writes(String path, String content) {
    Territory.check(path);
    Objects.requireNonNull(content, "content");
    return with(stage -> stage.files().write(path, content));
  }

  /** Let it delete a file below the workspace; one that is not there is fine. */
  public Turn deletes(String path) {
    Territory.check(path);
    return with(stage -> stage.files().delete(path));
  }

  /** Let it report any event but the last one. */
  public Turn emits(AgentEvent event) {
    Objects.requireNonNull(event, "event");
    if (event instanceof AgentEvent.Completed || event instanceof AgentEvent.Failed) {
      throw new IllegalArgumentException("the end of a turn is told with says or failing");
    }
    return with(stage -> stage.tell(event));
  }

  /** Let it say something on the way; only the end is its reply. */
  public Turn mentions(String text) {
    return emits(new AgentEvent.Text(text));
  }

  /** Let it use a tool that answers with this. */
  public Turn usesTool(String tool, String input, String output) {
    return with(
        stage -> {
          String use = stage.nextToolUse();
          stage.tell(new AgentEvent.ToolUse(use, tool, input));
          stage.tell(new AgentEvent.ToolResult(use, true, output));
        });
  }

  /** Let it ask whether it may use a tool, and run the code only when it may. */
  public Turn asks(String tool, String input, Script allowed) {
    Objects.requireNonNull(allowed, "allowed");
    return with(stage -> ask(stage, tool, input, allowed));
  }

  private static void ask(Stage stage, String tool, String input, Script allowed)
      throws IOException, InterruptedException {
    String use = stage.nextToolUse();
    PermissionDecision decision = stage.listener().permit(new PermissionRequest(tool, input));
    stage.tell(new AgentEvent.ToolUse(use, tool, input));
    if (decision.allowed()) {
      allowed.run(stage.request(), stage.listener());
    }
    stage.tell(new AgentEvent.ToolResult(use, decision.allowed(), decision.reason()));
  }

  /** Let it wait until the test opens the latch. */
  public Turn waitsFor(CountDownLatch latch) {
    Objects.requireNonNull(latch, "latch");
    return with(stage -> stage.waitFor(latch));
  }

  /** Let it tell the test that it has come so far. */
  public Turn signals(CountDownLatch latch) {
    return with(stage -> latch.countDown());
  }

  /** Let it run the test's own code. */
  public Turn does(Script script) {
    Objects.requireNonNull(script, "script");
    return with(stage -> script.run(stage.request(), stage.listener()));
  }

  /** Let it go on until somebody cancels it, after what it does so far. */
  public Turn hangs() {
    return with(Stage::hang);
  }

  /** Set what the launch uses up, reported before its end. */
  public Turn uses(Usage usage) {
    Objects.requireNonNull(usage, "usage");
    return new Turn(acts, new End(end.text, end.failure, usage, end.session));
  }

  /** Let nobody know what the launch has used up. */
  public Turn usesUnknown() {
    return new Turn(acts, new End(end.text, end.failure, null, end.session));
  }

  /** Set the session's name, reported before everything else. */
  public Turn session(String id) {
    return new Turn(acts, new End(end.text, end.failure, end.usage, SessionId.of(id)));
  }

  Turn with(Act act) {
    List<Act> more = new ArrayList<>(acts);
    more.add(act);
    return new Turn(more, end);
  }

  /** Perform the turn, from its first event to the last. */
  AgentReply perform(Stage stage) throws InterruptedException {
    return perform(stage, reply -> reply);
  }

  /** Perform the turn, but come to the end that is made of the one that was written down. */
  AgentReply perform(Stage stage, UnaryOperator<AgentReply> ending) throws InterruptedException {
    AgentReply planned = end.reply(stage.request().session());
    planned.knownSession().ifPresent(id -> stage.tell(new AgentEvent.SessionStarted(id)));
    AgentReply reply = doAll(stage) ? ending.apply(planned) : cancelled(planned.session());
    tellEnd(stage, reply);
    return reply;
  }

  /** {@return whether it was not cancelled on the way} */
  private boolean doAll(Stage stage) throws InterruptedException {
    for (Act act : acts) {
      if (stage.isCancelled()) {
        return false;
      }
      doOne(act, stage);
    }
    return !stage.isCancelled();
  }

  private static void doOne(Act act, Stage stage) throws InterruptedException {
    try {
      act.on(stage);
    } catch (IOException e) {
      throw new TransientException("a turn failed in " + stage.request().directory(), e);
    }
  }

  private static AgentReply cancelled(@Nullable SessionId session) {
    return AgentReply.failed(Failure.of(ErrorClass.CANCELLED, "cancelled"), null)
        .inSession(session);
  }

  private static void tellEnd(Stage stage, AgentReply reply) {
    if (!reply.text().isEmpty()) {
      stage.tell(new AgentEvent.Text(reply.text()));
    }
    reply.knownUsage().ifPresent(usage -> stage.tell(new AgentEvent.UsageReported(usage)));
    stage.tell(
        reply
            .problem()
            .<AgentEvent>map(AgentEvent.Failed::new)
            .orElseGet(() -> new AgentEvent.Completed(reply.text())));
  }
}
