package dev.maestro.examples;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.maestro.run.ReceiptChain;
import dev.maestro.run.RunEventCodec;
import dev.maestro.run.RunRecord;
import dev.maestro.store.BlobId;
import dev.maestro.store.InMemoryStore;
import dev.maestro.store.Store;
import dev.maestro.store.StoreException;
import dev.maestro.store.StoreTransfer;
import dev.maestro.task.RunKey;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;

/** Checks the receipts of runs without the engine that wrote them, in a store or in an export. */
final class OperatorReceipts {

  private static final ObjectMapper JSON = new ObjectMapper();

  private final PrintStream out;
  private final boolean json;

  OperatorReceipts(PrintStream out, boolean json) {
    this.out = out;
    this.json = json;
  }

  /** Check the one run of a file that was exported; {@return whether its receipts are whole} */
  boolean checkExport(Path file) throws IOException {
    try (Store store = InMemoryStore.create().open(() -> Instant.EPOCH);
        InputStream in = Files.newInputStream(file)) {
      return check(store, StoreTransfer.importRun(store, in));
    }
  }

  /** Check a run; {@return whether its receipts are whole} */
  boolean check(Store store, RunKey run) {
    RunEventCodec codec = new RunEventCodec();
    List<RunRecord> journal =
        store.read(run, 1).stream()
            .map(event -> new RunRecord(run, event.sequence(), codec.decode(event.envelope())))
            .toList();
    if (journal.isEmpty()) {
      throw new StoreException("there is no run " + run);
    }
    ReceiptChain chain = ReceiptChain.check(journal);
    List<String> lost =
        chain.outputs().stream().filter(output -> !holds(store, output)).sorted().toList();
    if (json) {
      out.println(asJson(chain, lost));
    } else {
      print(chain, lost);
    }
    return chain.isIntact() && lost.isEmpty();
  }

  /** What an altered receipt names need not be the name of a blob. */
  private static boolean holds(Store store, String output) {
    return output.matches("[0-9a-f]{64}")
        && store
            .blob(new BlobId(output))
            .map(BlobId::of)
            .filter(id -> id.hex().equals(output))
            .isPresent();
  }

  private void print(ReceiptChain chain, List<String> lost) {
    String before = chain.unchained() == 0 ? "" : ", " + chain.unchained() + " not chained";
    out.println(
        chain.run()
            + ": "
            + chain.chained()
            + " receipts chained"
            + before
            + ", last "
            + chain.last());
    chain.findings().forEach(finding -> out.println("  " + finding));
    lost.forEach(output -> out.println("  what a gate printed is not here: " + output));
  }

  private static ObjectNode asJson(ReceiptChain chain, List<String> lost) {
    ObjectNode node = JSON.createObjectNode().put("tenant", chain.run().tenant().value());
    node.put("run", chain.run().run().value());
    node.put("chained", chain.chained()).put("unchained", chain.unchained());
    node.put("last", chain.last());
    ArrayNode findings = node.putArray("findings");
    for (ReceiptChain.Finding finding : chain.findings()) {
      findings
          .addObject()
          .put("kind", finding.kind().name())
          .put("sequence", finding.sequence())
          .put("what", finding.what());
    }
    ArrayNode outputs = node.putArray("lostOutputs");
    lost.forEach(outputs::add);
    return node;
  }
}
