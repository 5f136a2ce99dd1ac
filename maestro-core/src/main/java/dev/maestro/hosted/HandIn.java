package dev.maestro.hosted;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.maestro.Claim;
import dev.maestro.RefusedException;
import dev.maestro.Run;
import dev.maestro.gate.Receipt;
import dev.maestro.json.Json;
import dev.maestro.run.RunEvent;
import dev.maestro.run.RunRecord;
import dev.maestro.run.RunSnapshot;
import dev.maestro.run.Task;
import dev.maestro.run.Trouble;
import dev.maestro.run.Value;
import dev.maestro.store.BlobId;
import dev.maestro.task.Actor;
import dev.maestro.task.Usage;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** One handing in of a step; for the one thread that does it. */
final class HandIn {

  private static final long MOST_TOKENS = 1_000_000_000_000L;
  private static final int MOST_CALLS = 1_000_000;
  private static final int MOST_DIGITS = 30;

  private final Hosted hosted;
  private final Run run;
  private final Actor actor;
  private final Submission submission;

  HandIn(Hosted hosted, Run run, Actor actor, Submission submission) {
    this.hosted = hosted;
    this.run = run;
    this.actor = actor;
    this.submission = submission;
  }

  Reply bring() throws InterruptedException {
    if (submission.output().length() > Submission.LONGEST) {
      return new Reply.Refused(
          "too-large",
          "an output has at most "
              + Submission.LONGEST
              + " characters: put what is long into files, and their names into the output");
    }
    if (!Words.isClean(
        submission.output() + Objects.requireNonNullElse(submission.failure(), ""))) {
      return Words.unclean();
    }
    if (submission.failure() != null
        && submission.failure().length() > Submission.LONGEST_FAILURE) {
      return new Reply.Refused(
          "too-large", "say in at most " + Submission.LONGEST_FAILURE + " characters why not");
    }
    if (!isPlausible(submission.usage())) {
      return new Reply.Refused(
          "malformed",
          "what was used up is at most "
              + MOST_TOKENS
              + " tokens of a kind, and dollars of at most "
              + MOST_DIGITS
              + " digits");
    }
    Optional<Task> task = run.snapshot().task(submission.task());
    if (task.isEmpty()) {
      return new Reply.Refused("unknown-task", "run " + id() + " has no step " + submission.task());
    }
    Optional<Claim> claim = run.claimed(submission.task(), actor).filter(this::isMeant);
    return claim.isEmpty() ? notInHand(task.get()) : bring(claim.get(), task.get());
  }

  /** What hosts say is added up, and written out. */
  private static boolean isPlausible(Usage used) {
    BigDecimal cost = used.cost().usd();
    return LongStream.of(used.inputTokens(), used.outputTokens(), used.cachedTokens())
            .allMatch(tokens -> tokens <= MOST_TOKENS)
        && Math.max(used.turns(), used.toolCalls()) <= MOST_CALLS
        && cost.precision() <= MOST_DIGITS
        && Math.abs(cost.scale()) <= MOST_DIGITS;
  }

  private String id() {
    return run.key().run().value();
  }

  private boolean isMeant(Claim claim) {
    return submission.claim() == null || submission.claim() == claim.number();
  }

  private Reply bring(Claim claim, Task task) throws InterruptedException {
    try {
      if (submission.failure() != null) {
        claim.fail(submission.failure());
      } else {
        claim.complete(submission.output(), submission.usage());
      }
    } catch (RefusedException e) {
      return new Reply.Refused(
          e.code(), e.getMessage() + ": nothing of it counts; ask for the next step");
    }
    return outcome(task.nextAttempt());
  }

  // ------------------------------------------------------------------ what was handed in before

  private Reply notInHand(Task task) throws InterruptedException {
    Integer number = submission.claim();
    if (number != null && wasBrought(number)) {
      return outcome(task.delivered().isPresent() ? task.nextAttempt() : task.attempt());
    }
    String who =
        task.claim().map(claim -> "it is " + Words.of(claim)).orElse("it is " + task.state());
    return new Reply.Refused(
        number == null ? "not-yours" : "stale",
        "step " + task.id() + " is not in your hands" + under(number) + "; " + who);
  }

  private static String under(@Nullable Integer number) {
    return number == null ? "" : " under claim " + number;
  }

  /**
   * {@return whether the host has handed in just this under this number, and nobody anything since}
   */
  private boolean wasBrought(int number) {
    List<RunEvent> journal = run.journal(1).stream().map(RunRecord::event).toList();
    OptionalInt last =
        journal.stream()
            .flatMap(HandIn::claims)
            .filter(this::isOfTask)
            .mapToInt(c -> c.claim().number())
            .max();
    boolean mine =
        journal.stream()
            .flatMap(HandIn::claims)
            .filter(this::isOfTask)
            .anyMatch(one -> one.claim().number() == number && one.claim().actor().equals(actor));
    return mine
        && last.orElse(0) == number
        && journal.stream()
            .filter(RunEvent.Delivered.class::isInstance)
            .map(RunEvent.Delivered.class::cast)
            .anyMatch(
                one ->
                    one.task().equals(submission.task()) && one.number() == number && isSame(one));
  }

  private static Stream<RunEvent.TaskClaimed> claims(RunEvent event) {
    return event instanceof RunEvent.TaskClaimed claimed ? Stream.of(claimed) : Stream.empty();
  }

  private boolean isOfTask(RunEvent.TaskClaimed claimed) {
    return claimed.task().equals(submission.task());
  }

  /** What was recorded of it then has no secrets. */
  private boolean isSame(RunEvent.Delivered before) {
    Trouble trouble = before.trouble();
    String told = trouble == null ? submission.output() : submission.failure();
    return told != null
        && Stream.of(told, run.withoutSecrets(told))
            .anyMatch(
                text ->
                    trouble == null
                        ? isOutput(before.output(), text)
                        : trouble.message().equals(text));
  }

  private static boolean isOutput(@Nullable Value before, String text) {
    JsonNode json = TextNode.valueOf(text);
    if (before instanceof Value.Stored stored) {
      return stored.blob().equals(BlobId.of(Json.write(json).getBytes(StandardCharsets.UTF_8)));
    }
    return before == null ? text.isEmpty() : ((Value.Inline) before).json().equals(json);
  }

  // ------------------------------------------------------------------ what comes of it

  private Reply outcome(int attempt) throws InterruptedException {
    Optional<Reply> reply =
        hosted.changes().await(() -> outcome(run.snapshot(), attempt), hosted.patience());
    return reply.orElseGet(() -> new Reply.Checking(run.key().run(), submission.task()));
  }

  private Optional<Reply> outcome(RunSnapshot now, int attempt) {
    Task task = now.task(submission.task()).orElseThrow();
    if (task.attempt() > attempt) {
      return Optional.of(
          declined(task, "attempt " + attempt + " was not accepted, and another is under way"));
    } else if (!now.status().isTerminal() && (task.isActive() || task.isReady())) {
      return Optional.empty();
    }
    return Optional.of(reply(now, task));
  }

  private Reply reply(RunSnapshot now, Task task) {
    return switch (task.state()) {
      case COMPLETED, VERIFIED ->
          new Reply.Accepted(
              run.key().run(),
              task.id(),
              task.receipts().stream().filter(Receipt::passed).map(Receipt::gate).toList());
      case FAILED ->
          declined(
              task,
              task.trouble().map(Words::of).orElseGet(() -> task.detail().orElse("it has failed")));
      default ->
          new Reply.Waiting(
              run.key().run(),
              "step "
                  + task.id()
                  + " is "
                  + task.state()
                  + task.detail().map(": "::concat).orElse(""),
              task.until().orElse(null),
              now.questions());
    };
  }

  private Reply declined(Task task, String why) {
    int left = Math.max(0, task.allowedAttempts() - task.attempt());
    return new Reply.Declined(run.key().run(), task.id(), why, left);
  }
}
