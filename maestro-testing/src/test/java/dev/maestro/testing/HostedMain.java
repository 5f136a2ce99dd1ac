package dev.maestro.testing;

import dev.maestro.Maestro;
import dev.maestro.hosted.Host;
import dev.maestro.hosted.Hosted;
import dev.maestro.hosted.Reply;
import dev.maestro.pipeline.Pipeline;
import dev.maestro.store.FileStore;
import dev.maestro.task.Actor;
import dev.maestro.task.RunId;
import dev.maestro.workspace.DirectoryWorkspaces;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/** A program that a host begins anew for every call, and that is killed right after its answer. */
final class HostedMain {

  static final RunId RUN = RunId.of("hosted");
  static final Actor HOST = Actor.of("host");
  // how long a check takes is no matter here
  static final Duration PATIENCE = Duration.ofMinutes(2);

  private HostedMain() {}

  static Pipeline pipeline() {
    return Pipeline.named("p")
        .step("work", s -> s.agent("a").prompt("Do {{ task }}").output("what"))
        .step("ok", s -> s.approval("Is {{ what }} fine?").after("work"))
        .step("more", s -> s.agent("a").after("ok").prompt("More of {{ what }}"))
        .build();
  }

  static Maestro open(Path directory) {
    return Maestro.builder()
        .store(FileStore.at(directory.resolve("store")))
        .discoverNothing()
        .workspaces(DirectoryWorkspaces.at(directory))
        .build();
  }

  /** Do what the lines say, tell what kind of answer each had, and wait to be killed. */
  public static void main(String[] args) throws Exception {
    try (Maestro maestro = open(Path.of(args[0]));
        Hosted hosted = Hosted.over(maestro).pipeline(pipeline()).patience(PATIENCE).build()) {
      Host host = hosted.host(HOST);
      for (String line : List.of(args).subList(1, args.length)) {
        Reply reply = host.dispatch(line);
        System.out.println(reply.getClass().getSimpleName());
      }
      System.out.println("done");
      new CountDownLatch(1).await();
    }
  }
}
