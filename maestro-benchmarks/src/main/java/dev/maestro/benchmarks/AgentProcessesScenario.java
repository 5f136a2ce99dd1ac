package dev.maestro.benchmarks;

import dev.maestro.Maestro;
import dev.maestro.agent.ProviderId;
import dev.maestro.pipeline.Inputs;
import dev.maestro.providers.CommandAgent;
import dev.maestro.store.FileStore;
import dev.maestro.task.RunId;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.locks.LockSupport;

/** Agents that all wait as processes at once: platform threads, and heap of each in our JVM. */
final class AgentProcessesScenario implements Scenario {

  /** Takes no notice of its prompt, says nothing, and does not end by itself. */
  private static final List<String> AGENT = List.of("tail", "-f", "/dev/null");

  private static final long A_MOMENT = Duration.ofMillis(10).toNanos();

  @Override
  public String name() {
    return "agent-processes-100";
  }

  @Override
  public String question() {
    return "100 agents wait at once as processes: platform threads, and heap of each";
  }

  @Override
  public List<Contestant> contestants(Size size, Path directory) {
    int agents = size.of(3, 100, 100);
    return List.of(
        Contestant.of("Maestro", () -> maestro(agents, directory)),
        Contestant.of("ProcessBuilder, two threads each", () -> processes(agents)));
  }

  private static List<Reading> maestro(int agents, Path directory) throws Exception {
    Path store = directory.resolve("store");
    try (Maestro maestro =
        Shapes.maestro()
            .store(FileStore.at(store))
            .workspaces(new SeparateDirectories(directory.resolve("work"), agents))
            .provider(CommandAgent.builder(ProviderId.of("waiting"), AGENT).build())
            .slots(agents)
            .build()) {
      Held before = Held.now();
      maestro.start(Shapes.agents(agents), RunId.of("run"), Inputs.none());
      awaitChildren(agents);
      return Held.now().readings(before, agents);
    } finally {
      Directories.delete(store);
    }
  }

  /** The least that a program does which starts processes and reads both of what they say. */
  private static List<Reading> processes(int agents) throws Exception {
    ExecutorService threads = Executors.newCachedThreadPool();
    List<Process> all = new ArrayList<>();
    try {
      Held before = Held.now();
      for (int i = 0; i < agents; i++) {
        Process process = new ProcessBuilder(AGENT).start();
        all.add(process);
        process.getOutputStream().close();
        threads.execute(() -> read(process.getInputStream()));
        threads.execute(() -> read(process.getErrorStream()));
      }
      awaitChildren(agents);
      return Held.now().readings(before, agents);
    } finally {
      all.forEach(Process::destroyForcibly);
      for (Process process : all) {
        process.waitFor();
      }
      threads.shutdownNow();
    }
  }

  private static void read(InputStream from) {
    try (from) {
      from.transferTo(OutputStream.nullOutputStream());
    } catch (IOException e) {
      // the process is destroyed before it has said anything, which is how the round ends
      return;
    }
  }

  /** Each of them is there when its program is: a process that was only forked is still Java. */
  private static void awaitChildren(int agents) {
    while (waiting() < agents) {
      LockSupport.parkNanos(A_MOMENT);
    }
  }

  private static long waiting() {
    return ProcessHandle.current()
        .descendants()
        .filter(child -> child.info().command().filter(it -> it.endsWith("/tail")).isPresent())
        .count();
  }
}
