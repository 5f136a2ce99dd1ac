package dev.maestro.attempt;

import dev.maestro.failure.ErrorClass;
import dev.maestro.failure.TransientException;
import dev.maestro.run.ActResult;
import dev.maestro.run.IntegrateResult;
import dev.maestro.run.RunEvent;
import dev.maestro.run.RunInput;
import dev.maestro.run.Trouble;
import dev.maestro.run.VerifyResult;
import dev.maestro.task.Actor;
import dev.maestro.task.Reason;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * Carries out the three phases of an attempt.
 *
 * <p>Each call blocks until the phase has ended and nothing of it runs any more. Expected outcomes
 * are values; what comes out as an exception is {@link SupersededException}, an interruption, or a
 * store that failed. Safe for use by any number of threads.
 */
public final class Attempts {

  private static final int MAX_MESSAGE = 4_000;

  private final Act act;
  private final Verify verify;
  private final Integrate integrate;
  private final Preparation preparation;
  private final Rollback rollback;
  private final Claims claims;

  /** Make attempts with these tools. */
  public Attempts(Tools tools) {
    Objects.requireNonNull(tools, "tools");
    this.preparation = new Preparation(tools);
    this.rollback = new Rollback(tools);
    this.claims = new Claims(tools);
    Gates gates = new Gates(tools);
    this.act = new Act(tools);
    this.verify = new Verify(tools, gates);
    this.integrate = new Integrate(tools, gates);
  }

  /** Let the agent, program or code do its work. */
  public ActResult act(Assignment assignment) throws InterruptedException {
    return act.run(assignment);
  }

  /**
   * Write what somebody is told who has claimed an agent or plan step, and ask the rules that stand
   * before a launch; nothing is recorded.
   */
  public Handout handOut(Assignment assignment) throws InterruptedException {
    return claims.handOut(assignment);
  }

  /**
   * {@return where somebody works who has claimed a task}
   *
   * @throws dev.maestro.failure.PermanentException when that cannot be opened
   */
  public Path directory(Assignment assignment) throws InterruptedException {
    return claims.directory(assignment);
  }

  /**
   * {@return what a person says about a run, as it may be stored}
   *
   * @param names the secrets of its pipeline
   * @param shapes whether what looks like one is hidden, too
   */
  public String hide(Set<String> names, boolean shapes, String text) {
    return claims.hide(names, shapes, text);
  }

  /** {@return what somebody brings who has claimed a task, as it may be stored} */
  public String hide(Assignment assignment, String text) {
    return claims.hide(assignment, text);
  }

  /** Check what was done. */
  public VerifyResult verify(Assignment assignment) throws InterruptedException {
    return verify.run(assignment);
  }

  /** Merge what was accepted. */
  public IntegrateResult integrate(Assignment assignment) throws InterruptedException {
    return integrate.run(assignment);
  }

  /**
   * Put the files of a task back to what was accepted of it last; nobody may be at it meanwhile.
   *
   * @return what is to be recorded
   * @throws dev.maestro.failure.PermanentException where nothing keeps what files were
   */
  public RunEvent.RolledBack rollBack(Assignment assignment, Actor actor)
      throws InterruptedException {
    return rollback.run(assignment, actor);
  }

  /**
   * Ask a step's predicate, and write the question of an approval step.
   *
   * @return what follows; empty when the task is to be dispatched like any other
   */
  public Optional<RunInput> prepare(Assignment assignment) {
    return preparation.run(assignment);
  }

  static Trouble unexpected(Throwable e, Secrets secrets) {
    String message = e instanceof RuntimeException ? e.getMessage() : null;
    String what = message == null ? e.toString() : message;
    ErrorClass kind = e instanceof TransientException ? ErrorClass.TRANSIENT : ErrorClass.PERMANENT;
    return new Trouble(Reason.ERROR, kind, shortened(secrets.apply(what)), "", null);
  }

  /**
   * {@return the text as far as it fits into a journal that is read by people, which is 4,000
   * characters}
   */
  public static String shortened(String text) {
    if (text.length() <= MAX_MESSAGE) {
      return text;
    }
    boolean splits = Character.isHighSurrogate(text.charAt(MAX_MESSAGE - 1));
    return text.substring(0, splits ? MAX_MESSAGE - 1 : MAX_MESSAGE) + "…";
  }
}
