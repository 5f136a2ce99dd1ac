package dev.maestro.testing;

import dev.maestro.agent.AgentEvent;
import dev.maestro.agent.AgentProvider;
import dev.maestro.agent.Capability;
import dev.maestro.failure.ErrorClass;
import dev.maestro.task.Money;
import dev.maestro.task.Usage;
import java.nio.file.Files;
import java.util.Optional;

class ScriptedAgentContractTest extends AgentProviderContract {

  @Override
  protected Optional<AgentProvider> provider(Errand errand) {
    return turn(errand).map(turn -> agent(errand).otherwise(turn).build());
  }

  private static ScriptedAgent.Builder agent(Errand errand) {
    ScriptedAgent.Builder agent = ScriptedAgent.named("scripted");
    return errand == Errand.OVERSPEND ? agent.capabilities(Capability.CAPS_SPEND) : agent;
  }

  private static Optional<Turn> turn(Errand errand) {
    return switch (errand) {
      case REPEAT -> Optional.of(repeating());
      case WRITE -> Optional.of(Turn.nothing().writes(WRITTEN, "x"));
      case FAIL -> Optional.of(Turn.failing(ErrorClass.TRANSIENT, "no luck"));
      case HANG -> Optional.of(Turn.nothing().mentions("here").hangs());
      // a script that knows its own lines has no memory to lose
      case REMEMBER -> Optional.of(Turn.says("the word was swordfish").session("s-1"));
      case ASK ->
          Optional.of(
              Turn.nothing()
                  .asks(
                      "write",
                      "{}",
                      (request, listener) ->
                          Files.writeString(request.directory().resolve(WRITTEN), "x")));
      case METER -> Optional.of(Turn.says("done").uses(Usage.of(5, 1, Money.usd("0.01"))));
      case OVERSPEND -> Optional.of(Turn.says("done").uses(Usage.of(5, 1, Money.usd("1"))));
      case LEAVE_CHILD, STAY -> Optional.empty();
    };
  }

  private static Turn repeating() {
    return Turn.doing((request, listener) -> listener.on(new AgentEvent.Text(request.prompt())));
  }
}
