package dev.maestro.providers;

import dev.maestro.agent.AgentEvent;
import dev.maestro.agent.SessionId;
import dev.maestro.failure.ErrorClass;
import dev.maestro.failure.ErrorSigns;
import dev.maestro.failure.Failure;
import dev.maestro.task.Money;
import dev.maestro.task.Usage;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a launch has told so far: what became events, and what the reply will be made of.
 *
 * <p>A {@link Reading} writes it, line by line. Whatever it is told, it throws nothing: a session
 * without a name is none, a negative number is nothing used. Not safe for use by several threads.
 */
public final class Account {

  static final int LONGEST_TEXT = 4 << 20;

  private static final int LONGEST_SESSION = 1_000;
  private static final long MOST = 1_000_000_000;
  private static final Duration LONGEST_WAIT = Duration.ofDays(366);

  private final InstantSource clock;
  private final ZoneId zone;
  // what the conversation had used up before this launch, or null where nobody knows
  private final @Nullable Usage before;
  // whether all that it says is its reply, however it goes about its work
  private final boolean keepsAll;
  private final List<AgentEvent> fresh = new ArrayList<>();
  private final StringBuilder said = new StringBuilder();
  private boolean cut;
  private boolean worked;
  private boolean waits;
  private boolean usedATool;
  private boolean complete;
  private int toolCalls;
  private @Nullable String words;
  private @Nullable Failure failure;
  private @Nullable ErrorSigns suspicion;
  private @Nullable Usage usage;
  private @Nullable Usage conversation;
  private @Nullable SessionId session;

  /**
   * Begin an account.
   *
   * @param clock tells when something is said
   * @param zone in which the program tells times of the day
   * @param before what the conversation had used up before, {@link Usage#NONE} for a new one, or
   *     null where nobody knows
   */
  public Account(InstantSource clock, ZoneId zone, @Nullable Usage before) {
    this(clock, zone, before, false);
  }

  private Account(InstantSource clock, ZoneId zone, @Nullable Usage before, boolean keepsAll) {
    this.clock = clock;
    this.zone = zone;
    this.before = before;
    this.keepsAll = keepsAll;
  }

  /** {@return the account of a program that says no more than lines, all of which are its reply} */
  static Account ofLines(InstantSource clock) {
    return new Account(clock, ZoneOffset.UTC, Usage.NONE, true);
  }

  /** {@return the events that have become of what was told since this was last asked} */
  public List<AgentEvent> take() {
    List<AgentEvent> events = List.copyOf(fresh);
    fresh.clear();
    return events;
  }

  /** {@return what time it is for the program} */
  public Instant now() {
    return clock.instant();
  }

  /** Note the conversation's name; one that could not be handed to a program again is none. */
  public void named(String name) {
    boolean fit =
        !name.isBlank()
            && name.length() <= LONGEST_SESSION
            && !name.startsWith("-")
            && name.chars().noneMatch(Character::isISOControl);
    if (fit && (session == null || !session.value().equals(name))) {
      hear(new AgentEvent.SessionStarted(SessionId.of(name)));
    }
  }

  /** Note that it said something; a piece is passed on as it is, so lines keep their ends. */
  public void said(String piece) {
    if (!piece.isEmpty()) {
      hear(new AgentEvent.Text(piece));
    }
  }

  /** Note that it thought something. */
  public void thought(String piece) {
    if (!piece.isEmpty()) {
      hear(new AgentEvent.Thinking(piece));
    }
  }

  /** Note that it uses a tool; the input is JSON text. */
  public void uses(String id, String tool, String input) {
    hear(new AgentEvent.ToolUse(id, tool, input));
  }

  /** Note what a tool answered. */
  public void answered(String id, boolean ok, String output) {
    hear(new AgentEvent.ToolResult(id, ok, output));
  }

  /** Note what the launch has used up so far. */
  public void used(Usage total) {
    hear(new AgentEvent.UsageReported(total));
  }

  /**
   * Note what the whole conversation has used up so far, earlier launches included.
   *
   * <p>What it had used up before this launch is taken off; where nobody knows that, what the
   * launch has used up is not known either.
   */
  public void usedByConversation(Usage total) {
    conversation = total;
    if (before != null) {
      used(minus(total, before));
    }
  }

  /** A conversation that tells less than before has begun to count anew. */
  private static Usage minus(Usage total, Usage before) {
    boolean anew =
        total.inputTokens() < before.inputTokens() || total.outputTokens() < before.outputTokens();
    if (anew || before == Usage.NONE) {
      return total;
    }
    return new Usage(
        total.inputTokens() - before.inputTokens(),
        total.outputTokens() - before.outputTokens(),
        Math.max(0, total.cachedTokens() - before.cachedTokens()),
        total.cost().minus(before.cost()),
        total.turns(),
        total.toolCalls(),
        total.presumed());
  }

  /**
   * Note how many tokens stand in the conversation after the latest call of the model.
   *
   * @param window how many fit, or 0 where nobody knows; fewer than there are is no such number
   */
  public void filled(long tokens, long window) {
    if (tokens > 0) {
      hear(
          new AgentEvent.ContextFilled(
              within(tokens), window >= tokens ? (Long) within(window) : null));
    }
  }

  /** {@return an amount of usage that is within reason, with the tools used so far} */
  public Usage usage(long input, long output, long cached, Money cost, long turns) {
    return new Usage(
        within(input), within(output), within(cached), cost, (int) within(turns), toolCalls, false);
  }

  private static long within(long number) {
    return Math.max(0, Math.min(number, MOST));
  }

  /** Note that it waits for the model, until then where that is known and within a year. */
  public void waits(@Nullable Instant until) {
    boolean far = until != null && until.isAfter(now().plus(LONGEST_WAIT));
    hear(new AgentEvent.RateLimited(far ? null : until));
  }

  /** Note that it waits for the model for so many milliseconds, if these are more than none. */
  public void waitsFor(long millis) {
    boolean known = millis > 0 && millis <= LONGEST_WAIT.toMillis();
    waits(known ? now().plusMillis(millis) : null);
  }

  /** Note that it says it has come to its end, with what it said last. */
  public void completed() {
    complete = true;
  }

  /** Note that it says it has come to its end, with these words unless they are blank. */
  public void completed(String lastWords) {
    completed();
    if (!lastWords.isBlank()) {
      words = lastWords;
    }
  }

  /** Note that it goes on after all. */
  public void goesOn() {
    complete = false;
  }

  /** Note that it says it has failed; the first failure counts. */
  public void failed(Failure told) {
    if (failure == null) {
      failure = told;
    }
  }

  /** Note that it says it has failed; without a known sign it may go well next time. */
  public void failed(ErrorSigns signs) {
    failed(signs, ErrorClass.TRANSIENT);
  }

  /** Note that it says it has failed; without a known sign it is a failure of this kind. */
  public void failed(ErrorSigns signs, ErrorClass otherwise) {
    String message = signs.classify(now(), zone).message();
    failed(signs.known(now(), zone).orElseGet(() -> Failure.of(otherwise, message)));
  }

  /** Note an error that it may get over; it explains a failure that nothing else explains. */
  public void suspects(ErrorSigns signs) {
    suspicion = signs;
  }

  /** Note its last words, even where they are blank; the last ones count. */
  void replies(String lastWords) {
    words = lastWords;
  }

  /** Note that it says it has failed; the last failure counts. */
  void fails(Failure told) {
    failure = told;
  }

  /** Take note of an event. */
  void hear(AgentEvent event) {
    if (event instanceof AgentEvent.Text text) {
      append(text.text());
    } else if (event instanceof AgentEvent.ToolUse) {
      usedATool = true;
      toolCalls++;
    } else if (event instanceof AgentEvent.UsageReported reported) {
      usage = reported.total();
    } else if (event instanceof AgentEvent.SessionStarted begun) {
      session = begun.session();
    }
    waits = event instanceof AgentEvent.RateLimited;
    worked |= isWork(event);
    fresh.add(event);
  }

  private static boolean isWork(AgentEvent event) {
    return event instanceof AgentEvent.Text
        || event instanceof AgentEvent.Thinking
        || event instanceof AgentEvent.ToolUse;
  }

  private void append(String text) {
    if (usedATool && !keepsAll) {
      // what it says after using tools takes the place of what it said before
      usedATool = false;
      said.setLength(0);
      cut = false;
    }
    int room = LONGEST_TEXT - said.length();
    said.append(text, 0, Math.min(room, text.length()));
    cut |= text.length() > room;
  }

  /** {@return its last words: those it named so, or what it said since it last used a tool} */
  String text() {
    if (words != null) {
      return words;
    }
    String text = said.toString().stripTrailing();
    return cut ? text + "\n[cut after " + LONGEST_TEXT + " characters]" : text;
  }

  boolean isComplete() {
    return complete;
  }

  /** {@return whether it did anything that a model was needed for} */
  boolean hasWorked() {
    return worked;
  }

  /** {@return whether the last it told was that it waits for the model} */
  boolean isWaiting() {
    return waits;
  }

  @Nullable Failure failure() {
    return failure;
  }

  @Nullable Usage usage() {
    return usage;
  }

  /** {@return what the whole conversation has used up, if it told that} */
  @Nullable Usage conversation() {
    return conversation;
  }

  @Nullable SessionId session() {
    return session;
  }

  /** {@return the failure that a passing error points to, where it shows a known sign} */
  Optional<Failure> known() {
    return suspicion == null ? Optional.empty() : suspicion.known(now(), zone);
  }

  /** {@return the failure that the end of stderr points to, where it shows a known sign} */
  Optional<Failure> read(String errorTail) {
    return ErrorSigns.of(errorTail).known(now(), zone);
  }

  /** {@return a passing error that shows no known sign, as a failure that may go well next time} */
  Optional<Failure> unknown() {
    return suspicion == null
        ? Optional.empty()
        : Optional.of(Failure.of(ErrorClass.TRANSIENT, suspicion.classify(now(), zone).message()));
  }
}
