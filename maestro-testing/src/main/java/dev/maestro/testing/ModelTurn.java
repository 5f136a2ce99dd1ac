package dev.maestro.testing;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;

/**
 * What a {@link ModelServer} answers to one call of the model.
 *
 * <p>By default a turn says that it used 100 tokens in and 20 out, and has the reason to finish
 * that fits it. Immutable; every method returns another turn.
 */
public final class ModelTurn {

  private final Say say;
  private final Wrong wrong;
  private final Pace pace;

  private ModelTurn(Say say, Wrong wrong, Pace pace) {
    this.say = say;
    this.wrong = wrong;
    this.pace = pace;
  }

  /** How an answer says that it is at its end. */
  enum Finish {
    /** All is said. */
    STOP,
    /** Tools are to be used. */
    TOOLS,
    /** It got too long. */
    LENGTH,
    /** Nothing is said about that. */
    MISSING
  }

  /**
   * What is said.
   *
   * @param text words
   * @param calls tools, all at once
   * @param finish how it ends, or null for what fits
   * @param input tokens sent and not taken from a cache
   * @param cached tokens sent and taken from a cache
   * @param output tokens received
   */
  record Say(
      String text,
      List<ModelCall> calls,
      @Nullable Finish finish,
      long input,
      long cached,
      long output) {

    Finish finishing() {
      return finish != null ? finish : calls.isEmpty() ? Finish.STOP : Finish.TOOLS;
    }
  }

  /**
   * What goes wrong instead, or on the way.
   *
   * @param trouble the kind of error that is answered, or null
   * @param status the status of the answer that is sent as it is
   * @param body what is sent as it is, or null
   * @param headers to be sent with it
   * @param cutAfter how many bytes of the answer are sent, or null for all
   * @param drops whether the connection is lost where it is cut
   */
  record Wrong(
      @Nullable ModelTrouble trouble,
      int status,
      @Nullable String body,
      Map<String, String> headers,
      @Nullable Integer cutAfter,
      boolean drops) {

    static final Wrong NOTHING = new Wrong(null, 200, null, Map.of(), null, false);
  }

  /**
   * When it is answered.
   *
   * @param after what the answer waits for, or null
   * @param hangs whether it never comes to its end
   */
  record Pace(@Nullable CountDownLatch after, boolean hangs) {

    static final Pace AT_ONCE = new Pace(null, false);
  }

  private static ModelTurn of(String text, List<ModelCall> calls) {
    Objects.requireNonNull(text, "text");
    return new ModelTurn(
        new Say(text, List.copyOf(calls), null, 100, 0, 20), Wrong.NOTHING, Pace.AT_ONCE);
  }

  private static ModelTurn wrong(Wrong wrong) {
    ModelTurn turn = of("", List.of());
    return new ModelTurn(turn.say, wrong, turn.pace);
  }

  /** {@return it says this, and has nothing else to do} */
  public static ModelTurn says(String text) {
    return of(text, List.of());
  }

  /** {@return it calls these tools, all at once} */
  public static ModelTurn calls(ModelCall first, ModelCall... more) {
    List<ModelCall> calls = new ArrayList<>(List.of(first));
    calls.addAll(List.of(more));
    return of("", calls);
  }

  /** {@return the call fails, as it does at the service of the protocol} */
  public static ModelTurn fails(ModelTrouble trouble) {
    Objects.requireNonNull(trouble, "trouble");
    return wrong(new Wrong(trouble, 0, null, Map.of(), null, false));
  }

  /** {@return exactly this is answered, whatever the protocol} */
  public static ModelTurn answers(int status, String body) {
    Objects.requireNonNull(body, "body");
    return wrong(new Wrong(null, status, body, Map.of(), null, false));
  }

  /** Let it say this before it calls tools. */
  public ModelTurn saying(String text) {
    return saying(new Say(text, say.calls, say.finish, say.input, say.cached, say.output));
  }

  /** Set what the call used up: tokens sent, those of them from a cache apart, and received. */
  public ModelTurn uses(long input, long cached, long output) {
    return saying(new Say(say.text, say.calls, say.finish, input, cached, output));
  }

  /** Let it stop because it has become too long. */
  public ModelTurn tooLong() {
    return saying(new Say(say.text, say.calls, Finish.LENGTH, say.input, say.cached, say.output));
  }

  /** Let the answer end properly without a word on why it ends. */
  public ModelTurn withoutFinish() {
    return saying(new Say(say.text, say.calls, Finish.MISSING, say.input, say.cached, say.output));
  }

  private ModelTurn saying(Say other) {
    return new ModelTurn(other, wrong, pace);
  }

  /** Let the answer end, in a way that HTTP finds proper, after so many bytes. */
  public ModelTurn cutAfter(int bytes) {
    return cut(bytes, false);
  }

  /** Let the connection be lost after so many bytes of the answer. */
  public ModelTurn droppedAfter(int bytes) {
    return cut(bytes, true);
  }

  private ModelTurn cut(int bytes, boolean drops) {
    if (bytes < 0) {
      throw new IllegalArgumentException("no less than nothing can be sent");
    }
    return new ModelTurn(
        say, new Wrong(wrong.trouble, wrong.status, wrong.body, wrong.headers, bytes, drops), pace);
  }

  /** Send a header with the answer, such as {@code retry-after}. */
  public ModelTurn header(String name, String value) {
    Map<String, String> headers = new LinkedHashMap<>(wrong.headers);
    headers.put(name, value);
    return new ModelTurn(
        say,
        new Wrong(
            wrong.trouble,
            wrong.status,
            wrong.body,
            Map.copyOf(headers),
            wrong.cutAfter,
            wrong.drops),
        pace);
  }

  /** Let the answer wait until the test opens the latch. */
  public ModelTurn waitsFor(CountDownLatch latch) {
    return new ModelTurn(say, wrong, new Pace(Objects.requireNonNull(latch, "latch"), pace.hangs));
  }

  /**
   * Let the answer never come to its end: a stream says its words and goes on without more, until
   * the client has had enough or the server is closed.
   */
  public ModelTurn hangs() {
    return new ModelTurn(say, wrong, new Pace(pace.after, true));
  }

  Say say() {
    return say;
  }

  Wrong wrong() {
    return wrong;
  }

  Pace pace() {
    return pace;
  }

  /** {@return whether the agent has an answer then, with which the conversation goes on} */
  boolean isAnswer() {
    return wrong.trouble == null && wrong.body == null && wrong.cutAfter == null && !pace.hangs;
  }
}
