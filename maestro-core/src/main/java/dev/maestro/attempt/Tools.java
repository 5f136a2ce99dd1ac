package dev.maestro.attempt;

import dev.maestro.agent.Persona;
import dev.maestro.agent.Prices;
import dev.maestro.agent.ProviderRegistry;
import dev.maestro.insight.ShadowRouter;
import dev.maestro.process.ProcessRunner;
import dev.maestro.process.Time;
import dev.maestro.store.Store;
import dev.maestro.workspace.CommitDiscipline;
import dev.maestro.workspace.Workspaces;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;

/**
 * What attempts work with.
 *
 * @param store for blobs
 * @param workspaces for directories
 * @param providers for agents
 * @param personas by name
 * @param registered the application's own code
 * @param secrets for values that must not be journaled
 * @param processes for commands and gates
 * @param commits how commits are worded
 * @param time for everything that needs one
 * @param risks judges how much harm an attempt could do
 * @param shadow says beside launches which route it would have taken
 * @param prices what models cost, for providers that do not tell; asked for when that is needed
 * @param transcripts whether what agents do is written down
 */
public record Tools(
    Store store,
    Workspaces workspaces,
    ProviderRegistry providers,
    Map<String, Persona> personas,
    Registered registered,
    SecretSource secrets,
    ProcessRunner processes,
    CommitDiscipline commits,
    Time time,
    RiskClassifier risks,
    ShadowRouter shadow,
    Supplier<Prices> prices,
    Transcripts transcripts) {

  /** Check that nothing is missing. */
  public Tools {
    Objects.requireNonNull(store, "store");
    Objects.requireNonNull(workspaces, "workspaces");
    Objects.requireNonNull(providers, "providers");
    personas = Map.copyOf(personas);
    Objects.requireNonNull(registered, "registered");
    Objects.requireNonNull(secrets, "secrets");
    Objects.requireNonNull(processes, "processes");
    Objects.requireNonNull(commits, "commits");
    Objects.requireNonNull(time, "time");
    Objects.requireNonNull(risks, "risks");
    Objects.requireNonNull(shadow, "shadow");
    Objects.requireNonNull(prices, "prices");
    Objects.requireNonNull(transcripts, "transcripts");
  }
}
