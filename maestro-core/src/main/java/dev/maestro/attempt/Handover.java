package dev.maestro.attempt;

import dev.maestro.agent.AgentEvent;
import dev.maestro.agent.AgentReply;
import dev.maestro.agent.ProviderRegistry;
import dev.maestro.agent.Route;
import dev.maestro.agent.SessionId;
import dev.maestro.policy.HandOff;
import dev.maestro.policy.Judgment;
import dev.maestro.policy.Numbers;
import dev.maestro.policy.Place;
import dev.maestro.policy.Verdict;
import dev.maestro.run.RunEvent.HandedOff;
import dev.maestro.task.AttemptId;
import dev.maestro.workspace.Change;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How full the conversation of one launch has become, and what whoever begins the next one is told.
 *
 * <p>Nothing is ended in the middle of a turn: that would throw away what was paid for.
 */
final class Handover {

  private static final int LONGEST = 2_000;

  private final ProviderRegistry providers;
  private @Nullable SessionId session;
  private long used;
  private long window;

  Handover(ProviderRegistry providers, @Nullable SessionId resumed) {
    this.providers = providers;
    this.session = resumed;
  }

  void begins(SessionId begun) {
    session = begun;
  }

  /** Take note of how full it is, as far as it is known how much fits. */
  void fills(AgentEvent.ContextFilled event, @Nullable String model) {
    Long told = event.window();
    long fits = told != null ? told : model == null ? 0 : providers.windowOf(model).orElse(0);
    if (fits > 0) {
      used = event.used();
      window = fits;
    }
  }

  /** {@return what is to be recorded when the conversation is full enough to be handed off} */
  Optional<HandedOff> end(AttemptContext context, Route route, AgentReply reply, Instant now) {
    Optional<HandOff> rule =
        context
            .policies()
            .handOffRule()
            .or(() -> Optional.ofNullable(route.persona().handOffPercent()).map(HandOff::new));
    SessionId ended = reply.session() == null ? session : reply.session();
    if (ended == null || window == 0 || rule.filter(one -> one.isReached(used, window)).isEmpty()) {
      return Optional.empty();
    }
    Numbers numbers =
        Numbers.of("used", used).with("window", window).with("percent", rule.get().percent());
    context.judge(Judgment.of(HandOff.RULE, Place.OUTPUT, Verdict.proceed(), numbers));
    AttemptId id = context.attempt();
    String said = shortened(context.hiding(reply.text()));
    return Optional.of(new HandedOff(now, id.task(), id.number(), ended, used, window, said));
  }

  private static String shortened(String text) {
    String all = text.strip();
    return all.length() <= LONGEST ? all : all.substring(0, LONGEST) + "…";
  }

  // ------------------------------------------------------------------ the recovery header

  /** {@return what the next conversation begins with beside its order} */
  static String header(HandedOff end, List<Change> changes) {
    StringBuilder text = new StringBuilder("\n\n## A new conversation\n\n");
    text.append("The conversation before this one was ended because it was full (");
    text.append(end.used() * 100 / end.window()).append(" %). You know nothing of it but this.\n");
    text.append("\n### What was done\n\n");
    text.append(end.said().isEmpty() ? "It ended without a word." : end.said()).append('\n');
    text.append("\n### What is open\n\n");
    text.append("What is asked above, as far as the files do not show that it is done.\n");
    text.append("\n### What has changed in the files\n\n");
    if (changes.isEmpty()) {
      text.append("Nothing.\n");
    }
    Lists.shortened(changes.stream().map(Handover::line).toList())
        .forEach(line -> text.append("- ").append(line).append('\n'));
    return text.toString();
  }

  private static String line(Change change) {
    return change.kind().name().toLowerCase(Locale.ROOT) + ": " + change.path();
  }
}
