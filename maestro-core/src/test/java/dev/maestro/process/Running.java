package dev.maestro.process;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;

/** A process that runs on a thread of its own while a test does things to it. */
final class Running {

  final Recorder recorder = new Recorder();
  final CancellationSource cancellation = new CancellationSource();
  final CompletableFuture<ProcessResult> result = new CompletableFuture<>();
  final Thread thread;

  private Running(ProcessRunner runner, ProcessSpec spec) {
    thread =
        new Thread(
            () -> {
              try {
                result.complete(runner.run(spec, recorder, cancellation));
              } catch (Throwable t) {
                result.completeExceptionally(t);
              }
            },
            "test-run");
    thread.start();
  }

  static Running start(ProcessRunner runner, ProcessSpec spec) {
    return new Running(runner, spec);
  }

  ProcessResult await() {
    return Recorder.get(result);
  }

  Throwable awaitFailure() throws Exception {
    try {
      throw new AssertionError("no failure but " + result.get(120, TimeUnit.SECONDS));
    } catch (ExecutionException e) {
      return e.getCause();
    }
  }
}
