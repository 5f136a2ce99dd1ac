package dev.maestro.process;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A listener that keeps what it hears and can be waited for. */
final class Recorder implements ProcessListener {

  private static final long PATIENCE_SECONDS = 120;

  private final CompletableFuture<ProcessIdentity> identity = new CompletableFuture<>();
  private final CompletableFuture<ProcessInput> input = new CompletableFuture<>();
  private final List<String> lines = new ArrayList<>();
  private final List<String> errorLines = new ArrayList<>();

  @Override
  public void started(ProcessIdentity started) {
    identity.complete(started);
  }

  @Override
  public void opened(ProcessInput opened) {
    input.complete(opened);
  }

  @Override
  public synchronized void line(String line) {
    lines.add(line);
    notifyAll();
  }

  @Override
  public synchronized void errorLine(String line) {
    errorLines.add(line);
    notifyAll();
  }

  ProcessIdentity identity() {
    return get(identity);
  }

  ProcessInput input() {
    return get(input);
  }

  synchronized List<String> lines() {
    return List.copyOf(lines);
  }

  synchronized List<String> errorLines() {
    return List.copyOf(errorLines);
  }

  /** Wait for the line that comes at this place, counted from 0. */
  String awaitLine(int place) {
    return await(lines, place);
  }

  /** Wait for the line of stderr that comes at this place, counted from 0. */
  String awaitErrorLine(int place) {
    return await(errorLines, place);
  }

  private synchronized String await(List<String> heard, int place) {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    while (heard.size() <= place) {
      long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
      if (left <= 0) {
        throw new AssertionError("no line " + place + " in " + lines + ", stderr " + errorLines);
      }
      try {
        wait(left);
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
    }
    return heard.get(place);
  }

  static <T> T get(CompletableFuture<T> future) {
    try {
      return future.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException | ExecutionException | TimeoutException e) {
      throw new AssertionError(e);
    }
  }
}
