package dev.maestro.testing;

import dev.maestro.agent.AgentProvider;
import dev.maestro.agent.ProviderId;
import dev.maestro.providers.CommandAgent;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

@EnabledOnOs({OS.LINUX, OS.MAC})
class CommandAgentContractTest extends AgentProviderContract {

  @Override
  protected Optional<AgentProvider> provider(Errand errand) {
    return script(errand)
        .map(
            script ->
                CommandAgent.builder(ProviderId.of("command"), List.of("sh", "-c", script, "agent"))
                    .sessionArguments("{session}")
                    .moneyArguments("{usd}")
                    .meters()
                    .build());
  }

  private static Optional<String> script(Errand errand) {
    return switch (errand) {
      case REPEAT -> Optional.of("cat; echo");
      case WRITE -> Optional.of("prompt=$(cat); test -n \"$prompt\" && echo x > " + WRITTEN);
      case FAIL -> Optional.of("cat > /dev/null; echo 'no luck' >&2; exit 3");
      case HANG -> Optional.of("cat > /dev/null; echo here; exec sleep 1000");
      case REMEMBER ->
          Optional.of(
              "if [ -n \"$1\" ]; then cat > /dev/null; cat \"$1\"; else cat > s-1; fi; echo;"
                  + " echo '@maestro {\"session\":\"s-1\"}'");
      case METER ->
          Optional.of(
              "cat > /dev/null; echo '@maestro {\"usage\":{\"input\":5,\"output\":1}}'; echo done");
      case OVERSPEND ->
          Optional.of(
              "cat > /dev/null; if [ \"$1\" = 0.01 ]; then echo '@maestro {\"failure\":"
                  + "{\"class\":\"budget-exceeded\",\"message\":\"a cent is spent\"}}'; exit 1; fi;"
                  + " echo '@maestro {\"usage\":{\"cost\":\"1\"}}'; echo done");
      case LEAVE_CHILD ->
          Optional.of("cat > /dev/null; sleep 1000 > /dev/null & echo $! > " + CHILD);
      case STAY ->
          Optional.of(
              "trap '' TERM; cat > /dev/null; sleep 1000 & echo $! > "
                  + CHILD
                  + "; echo $$ >> "
                  + CHILD
                  + "; echo here; while :; do sleep 1000; done");
      case ASK -> Optional.empty();
    };
  }
}
