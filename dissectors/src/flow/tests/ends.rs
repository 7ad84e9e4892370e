//! When attempts end, and how their ends are dated.

use super::story::{Client, Server, Stage, Story, ms};
use super::tls;
use crate::attempt::{End, Moment};
use crate::flow::Config;
use crate::time::Time;

fn silent() -> Story {
    let mut story = Story::open();
    story.say(40, Client, &tls::hello("a.example"));
    story
}

#[test]
fn a_deadline_is_dated_with_itself_however_often_time_is_told() {
    let deadline = ms(40 + 120_000);
    for step in [1, 7_000, 119_000, 900_000] {
        let mut stage = Stage::new(Config::default());
        stage.tell(&silent());
        for at in (step..1_000_000).step_by(step as usize) {
            stage.tracker.advance(ms(at));
        }
        let told: Vec<_> = stage.tracker.drain().collect();
        assert_eq!((told[0].at, told[0].moment, told[0].attempt.end), (deadline, Moment::Closed, End::Idle));
        assert_eq!((told.len(), told[0].attempt.closed), (1, ms(40)));
    }
}

#[test]
fn a_packet_keeps_a_flow_alive_and_a_later_one_begins_another() {
    let hello = tls::hello("a.example");
    let mut story = silent();
    story.again(119_000, &hello);
    story.again(238_000, &hello);
    let told = story.play();
    assert_eq!((told.attempt().end, told.attempt().closed), (End::CaptureEnded, ms(238_000)));
    story.again(400_000, &hello);
    assert_eq!(story.play().closed().len(), 2);
}

#[test]
fn jumps_of_the_clock_end_all() {
    let mut stage = Stage::new(Config::default());
    stage.tell(&silent());
    let told = stage.end(End::ClockJump);
    assert_eq!(told.attempt().end, End::ClockJump);
}

#[test]
fn frames_stamped_out_of_order_give_no_negative_spans() {
    let mut story = Story::open();
    story.say(40, Client, &tls::hello("a.example"));
    let mut stage = Stage::new(Config::default());
    stage.tell(&story);
    let mut answer = Story::open();
    answer.say(40, Client, &tls::hello("a.example"));
    answer.say(10, Server, &tls::flight13());
    answer.shots.drain(..4);
    stage.tell(&answer);
    let told = stage.end(End::CaptureEnded);
    let attempt = told.attempt();
    assert_eq!(attempt.tcp().unwrap().answer.unwrap().time, attempt.time);
    assert!(attempt.time > Time(0));
}
