//! One bench for each stage that a frame passes, over small generated captures.

#![expect(clippy::expect_used, reason = "a bench that cannot be set up cannot go on")]

use std::hint::black_box;
use std::io::Cursor;
use std::sync::Arc;
use std::time::Duration;

use benches::names::Names;
use benches::scenario::{Kind, generate};
use benches::tls::{certificates::Chains, hello};
use benches::wire::file::PcapFile;
use benches::worst::CASES;
use criterion::{BatchSize, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use dissectors::flow::{Config, Key, Losses};
use dissectors::tls::{ClientHello, Ja4Cache, Transport};
use dissectors::x509::CertificateCache;
use pcaps::random::Random;
use sensor::capture::{Block, FileSource, Progress};
use sensor::engine::{Batch, Intake, Shards, Told};
use sensor::pipeline::{self, Desk, Options};

/// A capture in memory.
#[derive(Clone)]
struct Bytes(Arc<[u8]>);

impl AsRef<[u8]> for Bytes {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

/// Small captures of every kind: a few megabytes each.
const CAPTURES: [(&str, Kind, usize); 4] = [
    ("handshakes", Kind::Handshakes, 2_000),
    ("bulk", Kind::Bulk, 16),
    ("synflood", Kind::Synflood, 50_000),
    ("mixed", Kind::Mixed, 20_000),
];

struct Capture {
    name: &'static str,
    bytes: Bytes,
    frames: u64,
}

fn captures() -> Vec<Capture> {
    let make = |&(name, kind, size): &(&'static str, Kind, usize)| {
        let mut bytes = Vec::new();
        let written = generate(kind, size, &mut bytes, std::io::sink()).expect("memory takes it");
        Capture { name, bytes: Bytes(bytes.into()), frames: written.frames }
    };
    CAPTURES.iter().map(make).collect()
}

impl Capture {
    fn source(&self) -> FileSource {
        FileSource::from_reader(self.name.to_owned(), Cursor::new(self.bytes.clone())).expect("it is a capture")
    }

    /// Every block, given to `each` as it is read.
    fn blocks(&self, mut each: impl FnMut(&mut Block)) {
        let (mut source, mut block) = (self.source(), Block::default());
        while source.read(&mut block).is_ok_and(|progress| progress == Progress::More) {
            each(&mut block);
        }
    }

    fn batches(&self) -> Vec<Batch> {
        let mut intake = Intake::new(Default::default(), Key::default());
        let mut batches = Vec::new();
        self.blocks(|block| {
            let mut batch = Batch::default();
            intake.take(block, &mut batch);
            batches.push(batch);
        });
        batches
    }
}

/// Runs a bench over every capture, with the figure given for each frame.
fn each(c: &mut Criterion, stage: &str, mut bench: impl FnMut(&mut criterion::Bencher<'_>, &Capture)) {
    let mut group = c.benchmark_group(stage);
    for capture in captures() {
        group.throughput(Throughput::Elements(capture.frames));
        group.bench_with_input(BenchmarkId::from_parameter(capture.name), &capture, |b, capture| bench(b, capture));
    }
    group.finish();
}

/// Blocks read and their records walked.
fn reader(c: &mut Criterion) {
    each(c, "reader", |b, capture| {
        b.iter(|| {
            let mut frames = 0;
            capture.blocks(|block| frames += block.frames.len());
            frames
        });
    });
}

/// The reader, and every frame decoded, dated and hashed.
fn frame(c: &mut Criterion) {
    each(c, "reader+frame", |b, capture| {
        b.iter(|| {
            let mut intake = Intake::new(Default::default(), Key::default());
            let mut batch = Batch::default();
            capture.blocks(|block| intake.take(block, &mut batch));
            intake.standing().totals
        });
    });
}

/// Flows of decoded packets: the table in `bulk`, bare SYNs in `synflood`, with reassembly and TLS in `handshakes`.
fn flows(c: &mut Criterion) {
    each(c, "flows", |b, capture| {
        let batches = capture.batches();
        let shards = || Shards::new(Config::default(), 0, 1);
        b.iter_batched(shards, |shards| follow(shards, &batches), BatchSize::PerIteration);
    });
}

fn follow(mut shards: Shards, batches: &[Batch]) -> usize {
    let (mut told, mut count) = (Vec::new(), 0);
    for batch in batches {
        shards.batch(batch, &mut told);
        count += told.len();
        told.clear();
    }
    shards.finish(&mut told);
    count + told.len()
}

/// What is read in a hello, without and with its fingerprints.
fn hellos(c: &mut Criterion) {
    let mut random = Random::named("hellos");
    let names = Names::new(100);
    let make = |rank| hello::any_client(&mut random).message(names.at(rank), &mut random);
    let messages: Vec<Vec<u8>> = (0..1_000).map(make).collect();
    let bodies: Vec<&[u8]> = messages.iter().filter_map(|message| message.get(4..)).collect();
    let mut group = c.benchmark_group("hello");
    group.throughput(Throughput::Elements(bodies.len() as u64));
    let parsed = || bodies.iter().filter_map(|body| ClientHello::parse(body));
    group.bench_function("name", |b| b.iter(|| parsed().for_each(|hello| drop(black_box(hello.server_name())))));
    group.bench_function("name+ja3", |b| {
        b.iter(|| parsed().for_each(|hello| drop(black_box((hello.server_name(), hello.ja3())))));
    });
    group.bench_function("name+ja3+ja4", |b| {
        let mut cache = Ja4Cache::new(Ja4Cache::DEFAULT_LIMIT);
        b.iter(|| {
            for hello in parsed() {
                black_box((hello.server_name(), hello.ja3(), cache.ja4(&hello, Transport::Tcp)));
            }
        });
    });
    group.finish();
}

/// A certificate that is remembered, and one that is not.
fn chains(c: &mut Criterion) {
    let names = Names::new(512);
    let mut chains = Chains::new(512);
    let leafs: Vec<Vec<u8>> =
        (0..512).filter_map(|rank| chains.of(rank, &names).map(|(leaf, _)| leaf.der.clone())).collect();
    let mut group = c.benchmark_group("certificate");
    group.throughput(Throughput::Elements(leafs.len() as u64));
    for (name, capacity) in [("first sight", 1), ("remembered", 4096)] {
        group.bench_function(name, |b| {
            let mut cache = CertificateCache::new(capacity, [1, 2]);
            b.iter(|| leafs.iter().for_each(|der| drop(black_box(cache.certificate(der)))));
        });
    }
    group.finish();
}

struct Discard;

impl Desk for Discard {
    fn batch(&mut self, batch: &Batch, told: &[Told], _: &Losses, _: u64) {
        black_box((batch, told));
    }
}

/// All of it, for a listener that discards.
fn engine(c: &mut Criterion) {
    for workers in [1, 2] {
        each(c, &format!("engine, {workers} workers"), |b, capture| {
            let options = Options { workers, ..Options::default() };
            b.iter(|| pipeline::run(&mut capture.source(), None, &options, &mut Discard).totals);
        });
    }
}

/// The same over traffic that is made to be costly, with the figure given for each frame.
fn worst(c: &mut Criterion) {
    let mut group = c.benchmark_group("worst");
    for case in CASES {
        let (mut bytes, frames) = (Vec::new(), (case.frames)(2_000));
        let mut file = PcapFile::new(&mut bytes).expect("memory takes it");
        frames.iter().try_for_each(|frame| file.write(frame)).expect("memory takes it");
        let capture = Capture { name: case.name, bytes: Bytes(bytes.into()), frames: frames.len() as u64 };
        group.throughput(Throughput::Elements(capture.frames));
        group.bench_function(case.name, |b| {
            b.iter(|| pipeline::run(&mut capture.source(), None, &Options::default(), &mut Discard).totals);
        });
    }
    group.finish();
}

fn quick() -> Criterion {
    Criterion::default()
        .sample_size(10)
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_millis(900))
}

criterion_group! { name = benches; config = quick(); targets = reader, frame, flows, hellos, chains, engine, worst }
criterion_main!(benches);
