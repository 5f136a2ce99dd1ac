package dev.maestro.attempt;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.maestro.failure.ErrorClass;
import dev.maestro.failure.TransientException;
import dev.maestro.pipeline.Template;
import dev.maestro.run.RunInput.ActResult;
import dev.maestro.run.RunInput.IntegrateResult;
import dev.maestro.run.RunInput.VerifyResult;
import dev.maestro.run.Trouble;
import dev.maestro.task.Reason;
import java.util.Objects;

/**
 * Carries out the three phases of an attempt.
 *
 * <p>Each call blocks until the phase has ended and nothing of it runs any more. Expected outcomes
 * are values; what comes out as an exception is {@link SupersededException}, an interruption, or a
 * store that failed. Safe for use by any number of threads.
 */
public final class Attempts {

  private final Act act;
  private final Verify verify;
  private final Integrate integrate;
  private final Tools tools;
  private final ObjectMapper mapper = new ObjectMapper();

  /** Make attempts with these tools. */
  public Attempts(Tools tools) {
    this.tools = Objects.requireNonNull(tools, "tools");
    Gates gates = new Gates(tools);
    this.act = new Act(tools, mapper);
    this.verify = new Verify(tools, gates);
    this.integrate = new Integrate(tools, gates);
  }

  /** Let the agent, program or code do its work. */
  public ActResult act(Assignment assignment) throws InterruptedException {
    return act.run(assignment);
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
   * {@return what the templates and code of this task see}
   *
   * <p>For questions and predicates, which are asked before there is an attempt.
   */
  public CodeContext context(Assignment assignment) {
    return new TaskContext(
        assignment,
        new Values(
            tools.store(), mapper, assignment.values(), assignment.task().item().orElse(null)));
  }

  /** {@return the question of an approval step, written out} */
  public String question(Assignment assignment, String template) {
    Values values =
        new Values(
            tools.store(), mapper, assignment.values(), assignment.task().item().orElse(null));
    return Template.of(template).render(assignment.task().step().id(), values);
  }

  static Trouble unexpected(RuntimeException e) {
    String what = e.getMessage() == null ? e.getClass().getName() : e.getMessage();
    boolean passing = e instanceof TransientException;
    return new Trouble(
        Reason.of("error"), passing ? ErrorClass.TRANSIENT : ErrorClass.PERMANENT, what, "", null);
  }
}
