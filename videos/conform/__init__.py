"""Conform a file with times of video A to video B: subtitles, markers, edit lists and timelines.

Every format is read and written as text, without OpenTimelineIO, because the web process reads the files of users.
"""
