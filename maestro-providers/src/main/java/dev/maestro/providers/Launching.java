package dev.maestro.providers;

import dev.maestro.agent.AgentReply;
import dev.maestro.agent.AgentRequest;
import dev.maestro.agent.Capabilities;
import dev.maestro.agent.Capability;
import dev.maestro.agent.ProviderId;
import dev.maestro.agent.SessionId;
import dev.maestro.failure.ErrorClass;
import dev.maestro.failure.Failure;
import dev.maestro.failure.TransientException;
import dev.maestro.process.Cancellation;
import dev.maestro.process.ProcessResult;
import dev.maestro.process.ProcessSpec;
import dev.maestro.process.ProcessStartException;
import dev.maestro.task.Usage;
import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One launch of a program: started, heard, and made a reply.
 *
 * @param id whose program it is
 * @param capabilities what the provider declares
 * @param resumes whether it can go on with a session
 * @param mask for what must not be repeated in a message
 * @param help how to get the program; empty where the system's words say enough
 */
record Launching(
    ProviderId id, Capabilities capabilities, boolean resumes, Mask mask, String help) {

  private static final Logger LOG = LoggerFactory.getLogger(Launching.class);

  // above it, a signal has ended the process
  private static final int MOST_EXIT_CODE = 128;

  /** Being turned away with these, before anything was said, has cost nothing. */
  private static final Set<ErrorClass> FREE =
      EnumSet.of(
          ErrorClass.AUTHENTICATION,
          ErrorClass.QUOTA_EXHAUSTED,
          ErrorClass.RATE_LIMITED,
          ErrorClass.SESSION_LOST);

  AgentReply run(
      Runners runners,
      AgentRequest request,
      ProcessSpec spec,
      Hearing hearing,
      Cancellation cancellation)
      throws InterruptedException {
    AgentReply reply = reply(runners, request, spec, hearing, cancellation);
    hearing.ended(reply);
    return reply;
  }

  private AgentReply reply(
      Runners runners,
      AgentRequest request,
      ProcessSpec spec,
      Hearing hearing,
      Cancellation cancellation)
      throws InterruptedException {
    try {
      ProcessResult result =
          runners.with(request.processMarker(), runner -> hearing.run(runner, spec, cancellation));
      return reply(request, hearing, result);
    } catch (ProcessStartException e) {
      String more = help.isEmpty() ? "" : "; " + help;
      return notStarted(hearing, e, ErrorClass.PERMANENT, e.getMessage() + more);
    } catch (TransientException e) {
      return notStarted(hearing, e, ErrorClass.TRANSIENT, String.valueOf(e.getMessage()));
    }
  }

  /** {@return the failure to start; an exception from later on is the listener's and passed on} */
  private static <E extends RuntimeException> AgentReply notStarted(
      Hearing hearing, E exception, ErrorClass errorClass, String message) {
    if (hearing.isStarted()) {
      throw exception;
    }
    return AgentReply.failed(Failure.of(errorClass, message), Usage.NONE);
  }

  /** {@return what a process that has ended leaves to say} */
  AgentReply reply(AgentRequest request, Hearing hearing, ProcessResult result) {
    if (!result.survivors().isEmpty()) {
      LOG.warn("{} left processes that could not be ended: {}", id, result.survivors());
    }
    Account account = hearing.account();
    Failure failure =
        new Endings(request, mask.and(request.environment().values())).failure(hearing, result);
    Usage usage = hearing.isStarted() ? usage(account, failure, result) : Usage.NONE;
    String words = mask.apply(account.text());
    return new AgentReply(words, failure, usage, session(request, account, failure));
  }

  /**
   * {@return what it reported, where nothing can have come after the report, as it had come to its
   * end, told or not; of one that meters and was killed at work, what it had reported by then, as
   * that at least}
   */
  private @Nullable Usage usage(Account account, @Nullable Failure failure, ProcessResult result) {
    boolean ended = result.ending() == ProcessResult.Ending.EXITED;
    boolean meters = capabilities.has(Capability.METERS);
    Usage told = ended || meters || account.isComplete() ? account.usage() : null;
    if (told != null && meters && wasKilled(result) && !account.isComplete()) {
      told = told.asPresumed();
    }
    boolean turnedAway =
        failure != null && FREE.contains(failure.errorClass()) && !account.hasWorked();
    return told == null && turnedAway ? Usage.NONE : told;
  }

  private static boolean wasKilled(ProcessResult result) {
    Integer code = result.exitCode();
    return result.ending() != ProcessResult.Ending.EXITED || code == null || code > MOST_EXIT_CODE;
  }

  private @Nullable SessionId session(
      AgentRequest request, Account account, @Nullable Failure failure) {
    if (failure != null && failure.errorClass() == ErrorClass.SESSION_LOST) {
      return null;
    }
    SessionId told = account.session();
    return told == null && resumes ? request.session() : told;
  }
}
