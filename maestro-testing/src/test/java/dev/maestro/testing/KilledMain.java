package dev.maestro.testing;

import dev.maestro.Maestro;
import dev.maestro.MaestroBuilder;
import dev.maestro.agent.AgentListener;
import dev.maestro.agent.AgentProvider;
import dev.maestro.agent.AgentReply;
import dev.maestro.agent.AgentRequest;
import dev.maestro.agent.Capabilities;
import dev.maestro.agent.Installation;
import dev.maestro.agent.Model;
import dev.maestro.agent.ProviderId;
import dev.maestro.gate.Gate;
import dev.maestro.gate.GateCheck;
import dev.maestro.pipeline.Inputs;
import dev.maestro.pipeline.Pipeline;
import dev.maestro.policy.Backoff;
import dev.maestro.policy.Budget;
import dev.maestro.process.Cancellation;
import dev.maestro.providers.CommandAgent;
import dev.maestro.store.FileStore;
import dev.maestro.task.Cap;
import dev.maestro.task.RunId;
import dev.maestro.workspace.DirectoryWorkspaces;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/** A program that runs a pipeline up to some point, says so, and waits there to be killed. */
final class KilledMain {

  static final RunId RUN = RunId.of("killed");
  static final String HANG = "sh -c 'echo $$ > pid.tmp; mv pid.tmp pid; exec sleep 1000' & wait";

  /** What is put aside for a launch, and presumed of one that tells nothing. */
  static final Cap CAP = Cap.ofTokens(1_000).usd("0.10");

  private KilledMain() {}

  /** Where the program is killed. */
  enum Point {
    INTENT,
    LAUNCHED,
    GATE,
    VERIFY
  }

  static Pipeline pipeline() {
    return Pipeline.named("killed")
        .step("before", s -> s.command("sh", "-c", "echo x >> before"))
        .step(
            "work",
            s ->
                s.agent("engineer")
                    .prompt("work")
                    .after("before")
                    .attempts(3)
                    .backoff(Backoff.NONE)
                    .gate(Gate.command("sh", "-c", "test ! -e hang || { " + HANG + "; }"))
                    .gate(Gate.code("verified", "1"))
                    .budget(Budget.ofTokens(10_000).perAttempt(CAP)))
        .build();
  }

  static MaestroBuilder builder(Path directory, AgentProvider agent, GateCheck check) {
    return Maestro.builder()
        .store(FileStore.at(directory.resolve("store")))
        .discoverNothing()
        .budget(Budget.usd("5"))
        .provider(agent)
        .gate("verified", "1", check)
        .workspaces(DirectoryWorkspaces.at(directory.resolve("work")));
  }

  static CommandAgent agent(String script) {
    return CommandAgent.of(ProviderId.of("mine"), "sh", "-c", script);
  }

  /** Run up to a point: {@code <directory> <point>}. */
  public static void main(String[] args) throws Exception {
    Path directory = Path.of(args[0]);
    Point point = Point.valueOf(args[1]);
    AgentProvider agent =
        switch (point) {
          case INTENT -> new NeverStarted(agent("true"));
          case LAUNCHED -> agent("cat > /dev/null; " + HANG);
          case GATE -> agent("cat > /dev/null; touch hang; echo done");
          case VERIFY -> agent("cat > /dev/null; echo done");
        };
    GateCheck check =
        subject -> {
          if (point == Point.VERIFY) {
            System.out.println("ready");
            new CountDownLatch(1).await();
          }
          return GateCheck.Finding.pass();
        };
    try (Maestro maestro = builder(directory, agent, check).build()) {
      maestro.start(pipeline(), RUN, Inputs.none()).await();
    }
  }

  /** Is asked to start, which means that the intent is on disk, and never does. */
  private record NeverStarted(AgentProvider agent) implements AgentProvider {
    @Override
    public ProviderId id() {
      return agent.id();
    }

    @Override
    public Capabilities capabilities() {
      return agent.capabilities();
    }

    @Override
    public Installation detect() {
      return agent.detect();
    }

    @Override
    public List<Model> models() {
      return agent.models();
    }

    @Override
    public AgentReply run(AgentRequest request, AgentListener listener, Cancellation cancellation)
        throws InterruptedException {
      System.out.println("ready");
      new CountDownLatch(1).await();
      throw new IllegalStateException("never");
    }
  }
}
