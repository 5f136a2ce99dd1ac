package dev.maestro.testing;

import dev.maestro.agent.AgentEvent;
import dev.maestro.agent.AgentProvider;
import dev.maestro.agent.SessionId;
import dev.maestro.failure.ErrorClass;
import dev.maestro.failure.Failure;
import dev.maestro.task.Money;
import dev.maestro.task.Usage;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

class RecordedAgentContractTest extends AgentProviderContract {

  private static final Usage USAGE = Usage.of(5, 1, Money.usd("0.01"));

  @Override
  protected Optional<AgentProvider> provider(Errand errand) {
    return switch (errand) {
      case REPEAT -> agent("You said that the word is swordfish.", null);
      case WRITE -> agent("done", null, new Deed.Writes(WRITTEN, "x"));
      case FAIL -> agent("", Failure.of(ErrorClass.TRANSIENT, "no luck"));
      case HANG ->
          agent(
              "never",
              null,
              new Deed.Tells(new AgentEvent.Text("here")),
              new Deed.Pauses(Duration.ofDays(1)));
      case REMEMBER -> agent("The word was swordfish.", null);
      case METER -> agent("done", null, new Deed.Tells(new AgentEvent.UsageReported(USAGE)));
      case ASK, OVERSPEND, LEAVE_CHILD, STAY -> Optional.empty();
    };
  }

  private static Optional<AgentProvider> agent(
      String says, @Nullable Failure failure, Deed... deeds) {
    Recording recording =
        new Recording(
            Recording.Match.ANY,
            List.of(deeds),
            says,
            SessionId.of("s-1"),
            USAGE,
            failure == null ? 0 : 1,
            failure);
    return Optional.of(RecordedAgent.of(new Cassette("recorded", List.of(recording))).pace(1));
  }
}
